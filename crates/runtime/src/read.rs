//! Reads of live state: they go through the command ring, see what all commands before them did,
//! and are answered once that is durable.

use crate::command_ring::SLOT;
use outcry_engine::{
    AccountView, AssetView, BalanceView, Engine, ListView, OrderView, QueuePosition, WithdrawalView,
};
use outcry_protocol::{
    ExtendedOrderRecord, InstrumentLimitsRecord, InstrumentRecord, RejectReason, Text, TradingState,
};

/// Most orders or lists in the answer to one read.
pub const ORDERS_MAX: u32 = 100_000;

/// What is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Open orders, by id.
    OpenOrders {
        /// Whose; 0 for everybody's, which walks all open orders.
        account: u32,
        /// On which instrument; 0 for all.
        instrument: u32,
        /// At most so many, those with the lowest ids; never more than [`ORDERS_MAX`].
        most: u32,
    },
    /// An open order by its id.
    Order {
        /// The id.
        order_id: u64,
    },
    /// An open order by its client's name for it.
    ClientOrder {
        /// Whose.
        account: u32,
        /// The name.
        client_order_id: Text<36>,
    },
    /// A resting order's place at its price.
    QueuePosition {
        /// The order's id.
        order_id: u64,
    },
    /// Lists that live, by id.
    OpenLists {
        /// Whose; 0 for everybody's, which walks all lists.
        account: u32,
        /// On which instrument; 0 for all.
        instrument: u32,
        /// At most so many, those with the lowest ids; never more than [`ORDERS_MAX`].
        most: u32,
    },
    /// A list that lives, by its id.
    OrderList {
        /// The id.
        list_id: u64,
    },
    /// What an account has.
    Balances {
        /// Whose; 0 for the external account, 2^32 - 1 for that of the fees.
        account: u32,
    },
    /// Every asset.
    Assets,
    /// Accounts, by number.
    Accounts {
        /// The lowest number that is of interest.
        first: u32,
        /// At most so many, those with the lowest numbers.
        most: u32,
    },
    /// One account.
    Account {
        /// Which.
        account: u32,
    },
    /// Every pending withdrawal.
    Withdrawals,
    /// Every instrument.
    Instruments,
    /// The hash of the whole state. Walks all of it.
    StateHash,
    /// What would be said to a new order, money aside; nothing changes.
    NewOrder(NewOrder),
}

/// A new order as its record, to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct NewOrder([u8; NEW_ORDER]);

impl NewOrder {
    /// The order at the start of these bytes; `None` where they are longer than any.
    #[must_use]
    pub fn of(record: &[u8]) -> Option<Self> {
        let mut bytes = [0; NEW_ORDER];
        bytes.get_mut(..record.len())?.copy_from_slice(record);
        Some(Self(bytes))
    }
}

/// An instrument as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstrumentView {
    /// Its definition.
    pub definition: InstrumentRecord,
    /// Its limits.
    pub limits: InstrumentLimitsRecord,
    /// Its state.
    pub state: TradingState,
    /// The last trade's price in ticks.
    pub last_trade_ticks: Option<i64>,
    /// How many commands touched what its book shows.
    pub update_number: u64,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadAnswer {
    /// Of [`Read::OpenOrders`].
    Orders(Vec<OrderView>),
    /// Of [`Read::Order`] and [`Read::ClientOrder`].
    Order(Option<OrderView>),
    /// Of [`Read::QueuePosition`].
    QueuePosition(Option<QueuePosition>),
    /// Of [`Read::OpenLists`].
    Lists(Vec<ListView>),
    /// Of [`Read::OrderList`].
    List(Option<ListView>),
    /// Of [`Read::Balances`].
    Balances(Vec<BalanceView>),
    /// Of [`Read::Assets`].
    Assets(Vec<AssetView>),
    /// Of [`Read::Accounts`].
    Accounts(Vec<AccountView>),
    /// Of [`Read::Account`].
    Account(Option<AccountView>),
    /// Of [`Read::Withdrawals`].
    Withdrawals(Vec<WithdrawalView>),
    /// Of [`Read::Instruments`].
    Instruments(Vec<InstrumentView>),
    /// Of [`Read::StateHash`].
    StateHash([u8; 32]),
    /// Of [`Read::NewOrder`]: why it would be refused and the bound that it breaks, if it would.
    Refusal(Option<(RejectReason, u64)>),
}

/// Bytes of the longest record of a new order.
const NEW_ORDER: usize = size_of::<ExtendedOrderRecord>();

/// The number of [`Read::NewOrder`], whose record stands in the slots behind.
const OF_NEW_ORDER: u8 = 13;

/// Offsets of what a read says, in its slot of the ring.
const ACCOUNT: usize = 4;
const INSTRUMENT: usize = 8;
const MOST: usize = 12;
const ORDER_ID: usize = 16;
const CLIENT_ORDER_ID: usize = 24;

impl ReadAnswer {
    /// Bytes that the answer takes beside its own.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Orders(orders) => size_of_val(&**orders),
            Self::Lists(lists) => size_of_val(&**lists),
            Self::Balances(balances) => size_of_val(&**balances),
            Self::Assets(assets) => size_of_val(&**assets),
            Self::Accounts(accounts) => size_of_val(&**accounts),
            Self::Withdrawals(withdrawals) => size_of_val(&**withdrawals),
            Self::Instruments(instruments) => size_of_val(&**instruments),
            Self::Order(_)
            | Self::List(_)
            | Self::QueuePosition(_)
            | Self::Account(_)
            | Self::StateHash(_)
            | Self::Refusal(_) => 0,
        }
    }
}

impl Read {
    /// Gives the read as bytes for the command ring.
    pub(crate) fn with_bytes<T>(self, take: impl FnOnce(&[u8]) -> T) -> T {
        if let Self::NewOrder(NewOrder(record)) = self {
            let mut bytes = [0; SLOT + NEW_ORDER];
            bytes[0] = OF_NEW_ORDER;
            bytes[SLOT..].copy_from_slice(&record);
            return take(&bytes);
        }
        take(&self.in_a_slot())
    }

    fn in_a_slot(self) -> [u8; SLOT] {
        let mut bytes = [0; SLOT];
        let mut put = |offset: usize, field: &[u8]| {
            bytes[offset..offset + field.len()].copy_from_slice(field);
        };
        let number = match self {
            Self::OpenOrders {
                account,
                instrument,
                most,
            } => {
                put(ACCOUNT, &account.to_le_bytes());
                put(INSTRUMENT, &instrument.to_le_bytes());
                put(MOST, &most.to_le_bytes());
                0
            }
            Self::Order { order_id } => {
                put(ORDER_ID, &order_id.to_le_bytes());
                1
            }
            Self::ClientOrder {
                account,
                client_order_id,
            } => {
                put(ACCOUNT, &account.to_le_bytes());
                put(CLIENT_ORDER_ID, &client_order_id.0);
                2
            }
            Self::QueuePosition { order_id } => {
                put(ORDER_ID, &order_id.to_le_bytes());
                3
            }
            Self::Balances { account } => {
                put(ACCOUNT, &account.to_le_bytes());
                4
            }
            Self::Assets => 5,
            Self::Accounts { first, most } => {
                put(ACCOUNT, &first.to_le_bytes());
                put(MOST, &most.to_le_bytes());
                6
            }
            Self::Account { account } => {
                put(ACCOUNT, &account.to_le_bytes());
                7
            }
            Self::Withdrawals => 8,
            Self::Instruments => 9,
            Self::StateHash => 10,
            Self::OpenLists {
                account,
                instrument,
                most,
            } => {
                put(ACCOUNT, &account.to_le_bytes());
                put(INSTRUMENT, &instrument.to_le_bytes());
                put(MOST, &most.to_le_bytes());
                11
            }
            Self::OrderList { list_id } => {
                put(ORDER_ID, &list_id.to_le_bytes());
                12
            }
            Self::NewOrder(_) => unreachable!("it has more than a slot"),
        };
        bytes[0] = number;
        bytes
    }

    /// The read that [`Self::with_bytes`] gave these bytes for.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let number = |offset: usize| {
            u32::from_le_bytes(
                *bytes[offset..]
                    .first_chunk()
                    .expect("a slot is long enough"),
            )
        };
        let account = number(ACCOUNT);
        let order_id = u64::from_le_bytes(
            *bytes[ORDER_ID..]
                .first_chunk()
                .expect("a slot is long enough"),
        );
        match bytes[0] {
            0 => Self::OpenOrders {
                account,
                instrument: number(INSTRUMENT),
                most: number(MOST),
            },
            1 => Self::Order { order_id },
            2 => Self::ClientOrder {
                account,
                client_order_id: Text(
                    *bytes[CLIENT_ORDER_ID..]
                        .first_chunk()
                        .expect("a slot is long enough"),
                ),
            },
            3 => Self::QueuePosition { order_id },
            4 => Self::Balances { account },
            5 => Self::Assets,
            6 => Self::Accounts {
                first: account,
                most: number(MOST),
            },
            7 => Self::Account { account },
            8 => Self::Withdrawals,
            9 => Self::Instruments,
            10 => Self::StateHash,
            11 => Self::OpenLists {
                account,
                instrument: number(INSTRUMENT),
                most: number(MOST),
            },
            12 => Self::OrderList { list_id: order_id },
            OF_NEW_ORDER => Self::NewOrder(NewOrder(
                *bytes[SLOT..]
                    .first_chunk()
                    .expect("its record stands behind"),
            )),
            other => unreachable!("read {other} was never sent"),
        }
    }

    /// Reads it, as of a time.
    pub(crate) fn answer(&self, engine: &mut Engine, time_ns: u64) -> ReadAnswer {
        match *self {
            Self::OpenOrders {
                account,
                instrument,
                most,
            } => ReadAnswer::Orders(engine.account_orders(
                account,
                instrument,
                most.min(ORDERS_MAX) as usize,
            )),
            Self::Order { order_id } => ReadAnswer::Order(engine.order(order_id)),
            Self::ClientOrder {
                account,
                client_order_id,
            } => ReadAnswer::Order(engine.client_order(account, client_order_id)),
            Self::OpenLists {
                account,
                instrument,
                most,
            } => ReadAnswer::Lists(engine.open_lists(
                account,
                instrument,
                most.min(ORDERS_MAX) as usize,
            )),
            Self::OrderList { list_id } => ReadAnswer::List(engine.order_list(list_id)),
            Self::QueuePosition { order_id } => {
                ReadAnswer::QueuePosition(engine.queue_position(order_id))
            }
            Self::Balances { account } => ReadAnswer::Balances(engine.balances(account)),
            Self::Assets => ReadAnswer::Assets(engine.assets()),
            Self::Accounts { first, most } => {
                ReadAnswer::Accounts(engine.accounts_from(first, most as usize))
            }
            Self::Account { account } => ReadAnswer::Account(engine.account(account)),
            Self::Withdrawals => ReadAnswer::Withdrawals(engine.withdrawals()),
            Self::Instruments => ReadAnswer::Instruments(instruments(engine)),
            Self::StateHash => ReadAnswer::StateHash(engine.state_hash()),
            Self::NewOrder(order) => ReadAnswer::Refusal(engine.check_new(&order.0, time_ns).err()),
        }
    }
}

fn instruments(engine: &Engine) -> Vec<InstrumentView> {
    let numbers = engine.instruments().map(|definition| definition.instrument);
    let view = |instrument| {
        let (definition, limits, state) = engine.instrument(instrument)?;
        Some(InstrumentView {
            definition: *definition,
            limits: *limits,
            state,
            last_trade_ticks: engine.last_trade(instrument),
            update_number: engine.update_number(instrument),
        })
    };
    numbers.filter_map(view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_read_survives_the_ring() {
        let name = Text(*b"a client's own name, of 36 bytes....");
        let reads = [
            Read::OpenOrders {
                account: 1,
                instrument: 2,
                most: 3,
            },
            Read::Order {
                order_id: u64::MAX - 1,
            },
            Read::ClientOrder {
                account: 7,
                client_order_id: name,
            },
            Read::QueuePosition { order_id: 5 },
            Read::Balances { account: u32::MAX },
            Read::OpenLists {
                account: 4,
                instrument: 5,
                most: 6,
            },
            Read::OrderList {
                list_id: u64::MAX - 2,
            },
            Read::Assets,
            Read::Accounts {
                first: 10,
                most: u32::MAX,
            },
            Read::Account { account: 9 },
            Read::Withdrawals,
            Read::Instruments,
            Read::StateHash,
            Read::NewOrder(NewOrder::of(&[7; 128]).expect("as long as the longest")),
            Read::NewOrder(NewOrder::of(&[9; 64]).expect("shorter than that")),
        ];
        for read in reads {
            assert_eq!(read.with_bytes(Read::from_bytes), read);
        }
        assert_eq!(NewOrder::of(&[0; 129]), None);
    }
}
