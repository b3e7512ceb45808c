//! Commands and events of the exchange and their one binary encoding.
//!
//! A record is 32, 64 or 128 bytes, little endian, and begins with its kind and the version of the
//! encoding; the top two bits of the kind say the size, so a reader can step over a kind it does
//! not know. The same bytes stand in command logs and in `NumPy` arrays.
//!
//! ```
//! use outcry_protocol::{Command, OrderRecord, Side};
//!
//! let order = OrderRecord::limit(1, 7, Side::Buy, 10_050, 3);
//! let (command, size) = Command::decode(order.as_record_bytes()).unwrap();
//! assert_eq!(size, 64);
//! assert!(matches!(command, Command::New(found) if found == &order));
//! ```

#[cfg(target_endian = "big")]
compile_error!("records are read in place and are little endian");

mod buffer;
mod check;
mod decode;
mod digest;
mod event;
mod event_reader;
mod extended;
mod instrument;
mod kind;
mod layout;
mod list;
mod log;
mod money;
mod order;
mod reason;
mod steering;
mod text;
mod vocabulary;

pub use buffer::RecordBuffer;
pub use decode::{Command, DecodeError, record_size};
pub use digest::{Digest, fold_product};
pub use event::{EventRecord, trade_flags};
pub use event_reader::{Event, EventContext, EventError, PlacedEvent};
pub use extended::{AmountOrderRecord, ExtendedOrderRecord};
pub use instrument::{InstrumentLimitsRecord, InstrumentRecord, PRICE_MAX_TICKS};
pub use kind::{CommandKind, EventKind, VERSION, size_of_kind};
pub use layout::{Field, FieldType, Layout, NamedLayout, layouts};
pub use list::ListRecord;
pub use log::{LogError, LogHeader, MAGIC};
pub use money::{
    AccountRecord, AssetRecord, EXTERNAL_ACCOUNT, FEE_ACCOUNT, FundsRecord, MONEY_MAX, SettleRecord,
};
pub use order::{OrderRecord, flags};
pub use reason::{CancelReason, RejectReason};
pub use steering::{AdminRecord, MassCancelRecord};
pub use text::Text;
pub use vocabulary::{
    AccountState, ListState, ListType, OrderType, SelfTrade, Side, StopUnit, TimeInForce,
    TradingState, Trigger, UnknownValue,
};
