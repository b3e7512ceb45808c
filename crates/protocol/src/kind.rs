//! The first byte of a record: what it is and how long.
//!
//! Bits 7 and 6 give the size (`32 << bits`), bit 5 is set for events, bits 4 to 0 number the kind
//! within its size.

/// The version of the encoding that this crate writes and reads.
pub const VERSION: u8 = 1;

/// The size in bytes that a kind byte claims, or `None` for the unused fourth size.
#[inline]
#[must_use]
pub const fn size_of_kind(kind: u8) -> Option<usize> {
    match kind >> 6 {
        3 => None,
        class => Some(32 << class),
    }
}

macro_rules! kinds {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $value:literal, $text:literal;)+
    }) => {
        $(#[$meta])*
        #[repr(u8)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant = $value),+ }

        impl $name {
            /// Every kind, in the order of their bytes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that people read.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The kind with this byte.
            #[inline]
            #[must_use]
            pub const fn from_byte(byte: u8) -> Option<Self> {
                match byte {
                    $($value => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// What a command asks for.
    CommandKind {
        /// A new order, [`crate::OrderRecord`].
        New = 0x41, "new";
        /// A cancel by order id, [`crate::OrderRecord`].
        Cancel = 0x42, "cancel";
        /// A replace by order id, [`crate::OrderRecord`].
        Replace = 0x43, "replace";
        /// [`crate::MassCancelRecord`].
        MassCancel = 0x44, "mass_cancel";
        /// [`crate::AdminRecord`]; `state` is the new one.
        SetState = 0x45, "set_state";
        /// [`crate::AdminRecord`]; `price_ticks` is the reference, 0 clears it.
        SetReference = 0x46, "set_reference";
        /// [`crate::AdminRecord`].
        EndSession = 0x47, "end_session";
        /// [`crate::AdminRecord`] without an instrument.
        AdvanceTime = 0x48, "advance_time";
        /// [`crate::AssetRecord`].
        AddAsset = 0x49, "add_asset";
        /// [`crate::AccountRecord`].
        SetAccount = 0x4A, "set_account";
        /// [`crate::FundsRecord`].
        Deposit = 0x4B, "deposit";
        /// [`crate::FundsRecord`].
        Withdraw = 0x4C, "withdraw";
        /// [`crate::SettleRecord`].
        SettleWithdrawal = 0x4D, "settle_withdrawal";
        /// [`crate::FundsRecord`].
        Transfer = 0x4E, "transfer";
        /// [`crate::AdminRecord`]; `list_id` names the list.
        CancelList = 0x4F, "cancel_list";
        /// The second record of an instrument, [`crate::InstrumentLimitsRecord`].
        InstrumentLimits = 0x50, "instrument_limits";
        /// A new order with a stop, display, expiry or client id, [`crate::ExtendedOrderRecord`].
        NewExtended = 0x81, "new_extended";
        /// A cancel by client order id, [`crate::ExtendedOrderRecord`].
        CancelExtended = 0x82, "cancel_extended";
        /// A replace by client order id or of a stop, [`crate::ExtendedOrderRecord`].
        ReplaceExtended = 0x83, "replace_extended";
        /// A market order by quote amount, [`crate::AmountOrderRecord`].
        NewAmount = 0x84, "new_amount";
        /// [`crate::ListRecord`], followed by its legs.
        NewList = 0x85, "new_list";
        /// A leg of a list, [`crate::ExtendedOrderRecord`].
        ListLeg = 0x86, "list_leg";
        /// [`crate::InstrumentRecord`], followed by one [`crate::InstrumentLimitsRecord`].
        AddInstrument = 0x87, "add_instrument";
        /// [`crate::InstrumentRecord`], followed by one [`crate::InstrumentLimitsRecord`].
        UpdateInstrument = 0x88, "update_instrument";
    }
}

kinds! {
    /// What an event says.
    EventKind {
        /// The command was accepted.
        Accepted = 0x21, "accepted";
        /// The command was refused and changed nothing.
        Rejected = 0x22, "rejected";
        /// The request id was seen before.
        DuplicateRequest = 0x23, "duplicate_request";
        /// Two orders traded.
        Traded = 0x24, "traded";
        /// Two orders of one group lost quantity without a trade.
        Prevented = 0x25, "prevented";
        /// An order ended by cancellation.
        Cancelled = 0x26, "cancelled";
        /// An order was replaced.
        Replaced = 0x27, "replaced";
        /// A stop was met.
        Triggered = 0x28, "triggered";
        /// An iceberg shows its next slice.
        SliceShown = 0x29, "slice_shown";
        /// An order's time came.
        Expired = 0x2A, "expired";
        /// A list changed its state.
        ListChanged = 0x2B, "list_changed";
        /// An instrument changed its state.
        StateChanged = 0x2C, "state_changed";
        /// The auction's price and quantity.
        Indicative = 0x2D, "indicative";
        /// Names the taker of the trades behind it; part of the encoding, not an event.
        Pass = 0x2E, "pass";
        /// A balance changed: what is available of it.
        BalanceChanged = 0x2F, "balance_changed";
        /// The rest of a balance: the account, and what is held; of the encoding, not an event.
        BalanceHeld = 0x30, "balance_held";
        /// A pending order of a list enters.
        Entered = 0x31, "entered";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_stands_in_the_kind() {
        assert_eq!(size_of_kind(CommandKind::New as u8), Some(64));
        assert_eq!(size_of_kind(CommandKind::NewExtended as u8), Some(128));
        assert_eq!(size_of_kind(EventKind::Traded as u8), Some(32));
        assert_eq!(size_of_kind(EventKind::BalanceChanged as u8), Some(32));
        assert_eq!(size_of_kind(0xC0), None);
    }

    #[test]
    fn bit_five_tells_events_from_commands() {
        assert!(CommandKind::ALL.iter().all(|kind| *kind as u8 & 0x20 == 0));
        assert!(EventKind::ALL.iter().all(|kind| *kind as u8 & 0x20 != 0));
    }
}
