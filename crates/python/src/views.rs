//! What readers see of orders and accounts, as rows for `NumPy`.

use outcry_engine::{AccountView, AssetView, BalanceView, ListView, OrderView, WithdrawalView};
use outcry_protocol::{AccountRecord, AssetRecord, FieldType, Text};

use crate::answer::Status;
use crate::bytes::{Records, row};

const BYTE: FieldType = FieldType::Scalar("u1");
const FLAG: FieldType = FieldType::Scalar("?");
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
        /// What happens when it meets one of its own trade group.
        self_trade: u8 = BYTE,
        /// Whether it must not take.
        post_only: bool = FLAG,
        /// The side from which the last trade must reach its stop, while it has one, else 0.
        trigger: u8 = BYTE,
        /// The unit of a trailing stop's distance, else 0.
        stop_unit: u8 = BYTE,
        /// The client's own name for it, empty without one.
        client_order_id: Text<36> = FieldType::Bytes(36),
        /// Zeros.
        reserved: [u8; 4] = FieldType::Bytes(4),
        /// What an iceberg shows at a time, 0 for all.
        display_lots: u64 = WORD,
        /// The distance of a trailing stop, 0 for none.
        distance: i64 = SIGNED_WORD,
        /// When it expires, 0 for never.
        expire_time_ns: u64 = WORD,
        /// The list that it came with, 0 for none.
        list_id: u64 = WORD,
        /// Engine time when it came, 0 without money.
        entered_ns: u64 = WORD,
        /// Engine time of its last change, 0 without money.
        changed_ns: u64 = WORD,
        /// The low word of the value of its fills in ticks times lots, 0 without money.
        traded_value_low: u64 = WORD,
        /// Its high word.
        traded_value_high: u64 = WORD,
    }
}

row! {
    /// An order list that lives.
    ListRow {
        /// Its id: the sequence of the command that made it.
        list_id: u64 = WORD,
        /// The ids of its orders in their order, closed ones too; 0 where there is no third.
        first_order_id: u64 = WORD,
        /// The second.
        second_order_id: u64 = WORD,
        /// The third.
        third_order_id: u64 = WORD,
        /// Its instrument's number.
        instrument: u32 = NUMBER,
        /// Its account.
        account: u32 = NUMBER,
        /// How its orders hang together.
        list_type: u8 = BYTE,
        /// What became of it.
        state: u8 = BYTE,
        /// Zeros.
        reserved: [u8; 6] = FieldType::Bytes(6),
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

/// Lists as `ListRow`.
pub(crate) fn lists<'a>(views: impl IntoIterator<Item = &'a ListView>) -> Records {
    let rows: Vec<ListRow> = views.into_iter().map(ListRow::from).collect();
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
            self_trade: view.self_trade as u8,
            post_only: view.post_only,
            trigger: view.trigger.map_or(0, |trigger| trigger as u8),
            stop_unit: view.stop_unit as u8,
            client_order_id: view.client_order_id,
            reserved: [0; 4],
            display_lots: view.display_lots,
            distance: view.distance,
            expire_time_ns: view.expire_time_ns,
            list_id: view.list_id,
            entered_ns: view.entered_ns,
            changed_ns: view.changed_ns,
            traded_value_low: view.traded_value as u64,
            traded_value_high: (view.traded_value >> 64) as u64,
        }
    }
}

impl From<&ListView> for ListRow {
    fn from(view: &ListView) -> Self {
        let [first_order_id, second_order_id, third_order_id] = view.order_ids;
        Self {
            list_id: view.list_id,
            first_order_id,
            second_order_id,
            third_order_id,
            instrument: view.instrument,
            account: view.account,
            list_type: view.list_type as u8,
            state: view.state as u8,
            reserved: [0; 6],
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

impl BalanceRow {
    /// What is free to use.
    pub(crate) const fn available(&self) -> i128 {
        money_of(self.available_low, self.available_high)
    }

    /// What orders and withdrawals hold.
    pub(crate) const fn held(&self) -> i128 {
        money_of(self.held_low, self.held_high)
    }
}

const fn money_of(low: u64, high: i64) -> i128 {
    (high as i128) << 64 | low as i128
}

/// The low and the high word of an amount of money.
pub(crate) const fn words_of(money: i128) -> (u64, i64) {
    (money.cast_unsigned() as u64, (money >> 64) as i64)
}
