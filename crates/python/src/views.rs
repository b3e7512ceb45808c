//! What readers see of orders and accounts, as rows for `NumPy`.

use outcry_engine::{AccountView, AssetView, BalanceView, OrderView, WithdrawalView};
use outcry_protocol::{AccountRecord, AssetRecord, FieldType, Text};

use crate::answer::Status;
use crate::bytes::{Records, row};

const BYTE: FieldType = FieldType::Scalar("u1");
const NUMBER: FieldType = FieldType::Scalar("<u4");
const WORD: FieldType = FieldType::Scalar("<u8");
const SIGNED_WORD: FieldType = FieldType::Scalar("<i8");

row! {
    /// An open order.
    OpenOrderRow {
        /// Its id.
        order_id: u64 = WORD,
        /// Its limit, 0 for a stop without one.
        price_ticks: i64 = SIGNED_WORD,
        /// Its stop as it stands, 0 for an order without one.
        stop_ticks: i64 = SIGNED_WORD,
        /// What is open, hidden parts included.
        open_lots: u64 = WORD,
        /// What is filled or was prevented.
        done_lots: u64 = WORD,
        /// What the book shows of it.
        shown_lots: u64 = WORD,
        /// Its instrument's number.
        instrument: u32 = NUMBER,
        /// Its account.
        account: u32 = NUMBER,
        /// Its side.
        side: u8 = BYTE,
        /// Its type.
        order_type: u8 = BYTE,
        /// How long it lives.
        time_in_force: u8 = BYTE,
        /// Where it is: an `OrderStatus`.
        status: u8 = BYTE,
        /// The client's own name for it, empty without one.
        client_order_id: Text<36> = FieldType::Bytes(36),
    }
}

row! {
    /// What an account has of an asset, in smallest units.
    BalanceRow {
        /// The account.
        account: u32 = NUMBER,
        /// The asset's number.
        asset: u32 = NUMBER,
        /// The low word of what is free to use.
        available_low: u64 = WORD,
        /// Its high word.
        available_high: i64 = SIGNED_WORD,
        /// The low word of what orders and withdrawals hold.
        held_low: u64 = WORD,
        /// Its high word.
        held_high: i64 = SIGNED_WORD,
    }
}

row! {
    /// A withdrawal that is held and not settled.
    WithdrawalRow {
        /// The sequence of its command.
        sequence: u64 = WORD,
        /// The account that it is taken from.
        account: u32 = NUMBER,
        /// The asset's number.
        asset: u32 = NUMBER,
        /// The low word of the amount in smallest units.
        amount_low: u64 = WORD,
        /// Its high word.
        amount_high: u64 = WORD,
    }
}

/// Orders as `OpenOrderRow`.
pub(crate) fn orders<'a>(views: impl IntoIterator<Item = &'a OrderView>) -> Records {
    let rows: Vec<OpenOrderRow> = views.into_iter().map(OpenOrderRow::from).collect();
    rows.into()
}

/// Balances as `BalanceRow`.
pub(crate) fn balances(views: &[BalanceView]) -> Records {
    let rows: Vec<BalanceRow> = views.iter().map(BalanceRow::from).collect();
    rows.into()
}

/// Withdrawals as `WithdrawalRow`.
pub(crate) fn withdrawals(views: &[WithdrawalView]) -> Records {
    let rows: Vec<WithdrawalRow> = views.iter().map(WithdrawalRow::from).collect();
    rows.into()
}

/// Assets as the records that would add them.
pub(crate) fn assets(views: &[AssetView]) -> Records {
    let record = |view: &AssetView| AssetRecord::new(view.asset, view.name, view.decimals);
    views.iter().map(record).collect::<Vec<_>>().into()
}

/// Accounts as the records that would set them.
pub(crate) fn accounts<'a>(views: impl IntoIterator<Item = &'a AccountView>) -> Records {
    let record = |view: &AccountView| AccountRecord {
        maker_rate_ppm: view.maker_rate_ppm,
        taker_rate_ppm: view.taker_rate_ppm,
        state: view.state as u8,
        ..AccountRecord::new(view.account, view.group)
    };
    views.into_iter().map(record).collect::<Vec<_>>().into()
}

impl From<&OrderView> for OpenOrderRow {
    fn from(view: &OrderView) -> Self {
        Self {
            order_id: view.order_id,
            price_ticks: view.price_ticks,
            stop_ticks: view.stop_ticks,
            open_lots: view.open_lots,
            done_lots: view.done_lots,
            shown_lots: view.shown_lots,
            instrument: view.instrument,
            account: view.account,
            side: view.side as u8,
            order_type: view.order_type as u8,
            time_in_force: view.time_in_force as u8,
            status: Status::from(view.place) as u8,
            client_order_id: view.client_order_id,
        }
    }
}

impl From<&BalanceView> for BalanceRow {
    fn from(view: &BalanceView) -> Self {
        let (available_low, available_high) = words_of(view.available);
        let (held_low, held_high) = words_of(view.held);
        Self {
            account: view.account,
            asset: view.asset,
            available_low,
            available_high,
            held_low,
            held_high,
        }
    }
}

impl From<&WithdrawalView> for WithdrawalRow {
    fn from(view: &WithdrawalView) -> Self {
        Self {
            sequence: view.sequence,
            account: view.account,
            asset: view.asset,
            amount_low: view.amount as u64,
            amount_high: (view.amount >> 64) as u64,
        }
    }
}

/// The low and the high word of an amount of money.
pub(crate) const fn words_of(money: i128) -> (u64, i64) {
    (money.cast_unsigned() as u64, (money >> 64) as i64)
}
