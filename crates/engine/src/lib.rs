//! The matching engine: `apply(state, command) -> events`, and nothing else.
//!
//! It reads no clock, no random numbers, no disk and no network: the same commands lead to the same
//! state and the same events on every machine. The rules stand in `docs/rules.md`.
//!
//! The way of an order: [`Engine::apply`] gives a command its sequence and time and works off what
//! is due; `market::entry` checks it and lets it in; `market::matching` passes it over the book;
//! `market::stops` and `market::queue` take up what its trades set off.
//!
//! ```
//! use outcry_engine::{Engine, EngineConfig};
//! use outcry_protocol::{
//!     CommandKind, InstrumentLimitsRecord, OrderRecord, RecordBuffer, Side,
//! };
//!
//! let mut engine = Engine::new(EngineConfig::default());
//! let mut commands = RecordBuffer::default();
//! commands.extend(outcry_engine::example_instrument(1).as_record_bytes());
//! commands.extend(InstrumentLimitsRecord::unbounded(1).as_record_bytes());
//! commands.extend(OrderRecord::limit(1, 7, Side::Sell, 10_050, 3).as_record_bytes());
//! commands.extend(OrderRecord::limit(1, 8, Side::Buy, 10_060, 2).as_record_bytes());
//!
//! let mut events = Vec::new();
//! engine.apply_batch(commands.as_bytes(), &mut events).unwrap();
//! assert_eq!(engine.last_trade(1), Some(10_050));
//! assert_eq!(engine.best(1, Side::Sell).unwrap().quantity_lots, 1);
//! ```

mod accounts;
mod accounts_absent;
mod batch;
mod check;
mod config;
mod core;
mod emit;
mod engine;
mod example;
mod funds;
mod huge_pages;
mod join;
mod lookup;
mod machine;
mod market;
mod money_reads;
mod prefetch;
mod refusal;
mod requests;
mod state;

pub use accounts::{AccountView, AssetView, BalanceView, WithdrawalView};
pub use batch::BatchError;
pub use config::EngineConfig;
pub use emit::EventSink;
pub use engine::Engine;
pub use example::example_instrument;
pub use market::{DepthLevel, LevelChange, ListView, OrderView, Place, QueuePosition};
pub use state::LoadError;
