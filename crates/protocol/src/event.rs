//! Events: what a command did, as records of 32 bytes.
//!
//! Each event but a trade and a balance's second half carries its command's sequence; its place is
//! its position among the events of that sequence. A trade carries only the maker, price and
//! quantity: its sequence, taker and trade id follow from the record before its pass that names
//! them (`accepted`, `replaced` or [`EventKind::Pass`]). [`crate::EventContext::read`] puts them
//! together again.

use crate::layout::record;
use crate::{CancelReason, EventKind, ListState, RejectReason, TradingState, VERSION};

/// The bits of a trade's `code`.
pub mod trade_flags {
    /// The aggressor sells.
    pub const AGGRESSOR_SELLS: u16 = 1;
    /// The maker's last lot traded.
    pub const MAKER_FILLED: u16 = 2;
    /// The taker's last lot traded.
    pub const TAKER_FILLED: u16 = 4;
}

/// `accepted`: more orders match than the bound let the command touch.
pub(crate) const MORE: u16 = 1;
/// `replaced`: the order kept its priority.
pub(crate) const KEPT_PRIORITY: u16 = 1;

record! {
    /// One event: 32 bytes.
    EventRecord, 32 {
        /// [`EventKind`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Reason, state or flags, by kind.
        code: u16,
        /// The instrument's number, or 0; of a balance the asset's.
        instrument: u32,
        /// The command's sequence; of a trade the price in ticks, of a balance's second half the
        /// account.
        sequence_or_price: u64,
        /// The order (of a trade or prevention the maker) or list, or 0; of a balance the low word.
        order_id: u64,
        /// Lots, the next trade id, the bound that was broken or a balance's high word, by kind.
        value: u64,
    }
}

impl EventRecord {
    #[inline(always)]
    const fn make(
        kind: EventKind,
        code: u16,
        instrument: u32,
        sequence_or_price: u64,
        order_id: u64,
        value: u64,
    ) -> Self {
        let version = VERSION;
        let kind = kind as u8;
        Self {
            kind,
            version,
            code,
            instrument,
            sequence_or_price,
            order_id,
            value,
        }
    }

    /// The command was accepted; trades behind it count from `next_trade_id`.
    #[inline(always)]
    #[must_use]
    pub const fn accepted(
        sequence: u64,
        instrument: u32,
        order_id: u64,
        next_trade_id: u64,
        more: bool,
    ) -> Self {
        let code = if more { MORE } else { 0 };
        Self::make(
            EventKind::Accepted,
            code,
            instrument,
            sequence,
            order_id,
            next_trade_id,
        )
    }

    /// The command was refused; `bound` is the limit that it broke, where there is one.
    #[inline]
    #[must_use]
    pub const fn rejected(
        sequence: u64,
        instrument: u32,
        reason: RejectReason,
        order_id: u64,
        bound: u64,
    ) -> Self {
        Self::make(
            EventKind::Rejected,
            reason as u16,
            instrument,
            sequence,
            order_id,
            bound,
        )
    }

    /// The request was seen before: how it ended (0 or a reject's code) and where.
    #[must_use]
    pub const fn duplicate_request(
        sequence: u64,
        instrument: u32,
        outcome: u16,
        order_id: u64,
        first_sequence: u64,
    ) -> Self {
        let kind = EventKind::DuplicateRequest;
        Self::make(
            kind,
            outcome,
            instrument,
            sequence,
            order_id,
            first_sequence,
        )
    }

    /// A trade at the maker's price; `flags` are [`trade_flags`].
    #[inline(always)]
    #[must_use]
    pub const fn traded(
        instrument: u32,
        maker_order_id: u64,
        price_ticks: i64,
        quantity_lots: u64,
        flags: u16,
    ) -> Self {
        let price = price_ticks.cast_unsigned();
        Self::make(
            EventKind::Traded,
            flags,
            instrument,
            price,
            maker_order_id,
            quantity_lots,
        )
    }

    /// Maker and taker both lost `lots` without a trade.
    #[must_use]
    pub const fn prevented(sequence: u64, instrument: u32, maker_order_id: u64, lots: u64) -> Self {
        Self::make(
            EventKind::Prevented,
            0,
            instrument,
            sequence,
            maker_order_id,
            lots,
        )
    }

    /// An order ended with `lots` open.
    #[inline]
    #[must_use]
    pub const fn cancelled(
        sequence: u64,
        instrument: u32,
        order_id: u64,
        lots: u64,
        reason: CancelReason,
    ) -> Self {
        Self::make(
            EventKind::Cancelled,
            reason as u16,
            instrument,
            sequence,
            order_id,
            lots,
        )
    }

    /// An order was replaced; trades behind it count from `next_trade_id`.
    #[inline]
    #[must_use]
    pub const fn replaced(
        sequence: u64,
        instrument: u32,
        order_id: u64,
        next_trade_id: u64,
        kept_priority: bool,
    ) -> Self {
        let code = if kept_priority { KEPT_PRIORITY } else { 0 };
        Self::make(
            EventKind::Replaced,
            code,
            instrument,
            sequence,
            order_id,
            next_trade_id,
        )
    }

    /// A stop was met by a trade at `price_ticks`.
    #[must_use]
    pub const fn triggered(
        sequence: u64,
        instrument: u32,
        order_id: u64,
        price_ticks: i64,
    ) -> Self {
        let price = price_ticks.cast_unsigned();
        Self::make(
            EventKind::Triggered,
            0,
            instrument,
            sequence,
            order_id,
            price,
        )
    }

    /// An iceberg shows `lots` at the back of its level.
    #[must_use]
    pub const fn slice_shown(sequence: u64, instrument: u32, order_id: u64, lots: u64) -> Self {
        Self::make(
            EventKind::SliceShown,
            0,
            instrument,
            sequence,
            order_id,
            lots,
        )
    }

    /// A pending order was refused with `lots` open when its turn came.
    #[must_use]
    pub const fn refused(
        sequence: u64,
        instrument: u32,
        order_id: u64,
        lots: u64,
        reason: RejectReason,
    ) -> Self {
        Self::make(
            EventKind::Cancelled,
            reason as u16,
            instrument,
            sequence,
            order_id,
            lots,
        )
    }

    /// A pending order of a list enters with `lots`.
    #[must_use]
    pub const fn entered(sequence: u64, instrument: u32, order_id: u64, lots: u64) -> Self {
        Self::make(EventKind::Entered, 0, instrument, sequence, order_id, lots)
    }

    /// An order's time came with `lots` open.
    #[must_use]
    pub const fn expired(sequence: u64, instrument: u32, order_id: u64, lots: u64) -> Self {
        Self::make(EventKind::Expired, 0, instrument, sequence, order_id, lots)
    }

    /// A list changed its state.
    #[must_use]
    pub const fn list_changed(
        sequence: u64,
        instrument: u32,
        list_id: u64,
        state: ListState,
    ) -> Self {
        let kind = EventKind::ListChanged;
        Self::make(kind, state as u16, instrument, sequence, list_id, 0)
    }

    /// An instrument changed its state.
    #[must_use]
    pub const fn state_changed(sequence: u64, instrument: u32, state: TradingState) -> Self {
        Self::make(
            EventKind::StateChanged,
            state as u16,
            instrument,
            sequence,
            0,
            0,
        )
    }

    /// What the auction would trade: quantity 0 when nothing crosses.
    #[must_use]
    pub const fn indicative(
        sequence: u64,
        instrument: u32,
        price_ticks: i64,
        quantity_lots: u64,
    ) -> Self {
        let price = price_ticks.cast_unsigned();
        Self::make(
            EventKind::Indicative,
            0,
            instrument,
            sequence,
            price,
            quantity_lots,
        )
    }

    /// Names the taker of the trades behind it, which count from `next_trade_id`.
    #[must_use]
    pub const fn pass(
        sequence: u64,
        instrument: u32,
        taker_order_id: u64,
        next_trade_id: u64,
    ) -> Self {
        Self::make(
            EventKind::Pass,
            0,
            instrument,
            sequence,
            taker_order_id,
            next_trade_id,
        )
    }

    /// The first half of a balance after the command: what is free to use. Right behind it stands
    /// [`Self::balance_held`].
    #[inline(always)]
    #[must_use]
    pub const fn balance_changed(sequence: u64, asset: u32, available: i128) -> Self {
        let [low, high] = words_of(available);
        Self::make(EventKind::BalanceChanged, 0, asset, sequence, low, high)
    }

    /// The second half of a balance: whose it is, and what orders and withdrawals hold of it.
    #[inline(always)]
    #[must_use]
    pub const fn balance_held(account: u32, asset: u32, held: i128) -> Self {
        let [low, high] = words_of(held);
        Self::make(EventKind::BalanceHeld, 0, asset, account as u64, low, high)
    }

    /// The money of either half of a balance.
    #[must_use]
    pub const fn money(&self) -> i128 {
        (self.order_id as u128 | (self.value as u128) << 64).cast_signed()
    }

    /// The record as four words, as the digest folds it.
    #[inline(always)]
    #[must_use]
    pub const fn words(&self) -> [u64; 4] {
        let head = self.kind as u64
            | (self.version as u64) << 8
            | (self.code as u64) << 16
            | (self.instrument as u64) << 32;
        [head, self.sequence_or_price, self.order_id, self.value]
    }
}

/// The two words of a signed 128-bit number, low first.
#[inline(always)]
const fn words_of(money: i128) -> [u64; 2] {
    let bits = money.cast_unsigned();
    [bits as u64, (bits >> 64) as u64]
}
