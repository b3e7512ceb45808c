//! Commands that steer: mass cancels, states, references, sessions, time, the end of a list.

use crate::check::{Checked, require};
use crate::layout::record;
use crate::{CommandKind, RejectReason, Side, TradingState, VERSION};

record! {
    /// Cancels every open order that matches: 64 bytes. Zero matches all.
    MassCancelRecord, 64 {
        /// [`CommandKind::MassCancel`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// The instrument, or 0 for all.
        instrument: u32,
        /// Nanoseconds since 1970 UTC.
        time_ns: u64,
        /// The request id, low word first; zero for none.
        request_id: [u64; 2],
        /// The account, or 0 for all.
        account: u32,
        /// [`Side`], or 0 for both.
        side: u8,
        /// Zeros.
        reserved: [u8; 27],
    }
}

record! {
    /// A command to an instrument or to the machine: 64 bytes.
    ///
    /// Serves `set_state`, `set_reference`, `end_session`, `advance_time` and `cancel_list`.
    AdminRecord, 64 {
        /// One of those kinds.
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// The instrument's number; 0 where none belongs.
        instrument: u32,
        /// Nanoseconds since 1970 UTC.
        time_ns: u64,
        /// The request id, low word first; zero for none.
        request_id: [u64; 2],
        /// The account that asks, or 0 for the venue.
        account: u32,
        /// [`TradingState`] of `set_state`, else 0.
        state: u8,
        /// Zeros.
        reserved: [u8; 3],
        /// The reference price of `set_reference` in ticks, 0 to clear it, else 0.
        price_ticks: i64,
        /// The list of `cancel_list`, else 0.
        list_id: u64,
        /// Zeros.
        reserved_tail: [u8; 8],
    }
}

impl MassCancelRecord {
    /// A mass cancel of what matches; zero and `None` match all.
    #[must_use]
    pub fn new(account: u32, instrument: u32, side: Option<Side>) -> Self {
        Self {
            kind: CommandKind::MassCancel as u8,
            version: VERSION,
            flags: 0,
            instrument,
            time_ns: 0,
            request_id: [0; 2],
            account,
            side: side.map_or(0, |side| side as u8),
            reserved: [0; 27],
        }
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Checked {
        use RejectReason as R;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        require(self.side <= Side::Sell as u8, R::InvalidSide)?;
        require(self.reserved == [0; 27], R::InvalidReserved)
    }
}

impl AdminRecord {
    /// A record of this kind for an instrument, every other field zero.
    #[must_use]
    pub const fn new(kind: CommandKind, instrument: u32) -> Self {
        Self {
            kind: kind as u8,
            version: VERSION,
            flags: 0,
            instrument,
            time_ns: 0,
            request_id: [0; 2],
            account: 0,
            state: 0,
            reserved: [0; 3],
            price_ticks: 0,
            list_id: 0,
            reserved_tail: [0; 8],
        }
    }

    /// Checks the shape for the record's own kind.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Checked {
        use CommandKind as K;
        use RejectReason as R;
        let kind = CommandKind::from_byte(self.kind).ok_or(R::Malformed)?;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        let wants_instrument = !matches!(kind, K::AdvanceTime | K::CancelList);
        let has_instrument = self.instrument != 0;
        let optional = kind == K::CancelList;
        require(
            optional || wants_instrument == has_instrument,
            R::InvalidInstrument,
        )?;
        require(
            (kind == K::CancelList) == (self.list_id != 0),
            R::InvalidOrderId,
        )?;
        require(
            kind != K::CancelList || self.account != 0,
            R::InvalidAccount,
        )?;
        let is_state = TradingState::try_from(self.state).is_ok();
        require(is_state == (kind == K::SetState), R::InvalidState)?;
        require(is_state || self.state == 0, R::InvalidState)?;
        let priced = kind == K::SetReference && self.price_ticks >= 0;
        require(priced || self.price_ticks == 0, R::InvalidPrice)?;
        let reserved = self.reserved == [0; 3] && self.reserved_tail == [0; 8];
        require(reserved, R::InvalidReserved)
    }
}
