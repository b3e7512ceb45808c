//! The exchange in one process: it takes commands in, applies them, writes them to the journal,
//! and tells what they did once the disk has them.
//!
//! ```text
//! clients -> command ring -> core thread -> frames -> journal thread -> durable sequence
//!                                 |                                          |
//!                                 +-----> runs of events -> event thread <---+-> follower thread
//!                                                                |                (event log,
//!                                        books, replies, subscribers               snapshots)
//! ```
//!
//! Each thread owns its state and hands on boxes through rings of one writer and one reader. Idle
//! threads sleep. Every ring has a bound: who submits too much is told so, and the engine waits for
//! the disk, never for a client.

mod audit;
mod beginning;
mod client;
mod clock;
mod command_ring;
mod commands;
mod core_thread;
mod depth;
mod errors;
mod event_thread;
mod exchange;
pub mod failpoint;
mod follower;
mod halt;
mod housekeeper;
mod journal_thread;
mod late;
mod mending;
mod options;
mod read;
mod recovery;
mod replies;
mod rules;
mod run;
mod shared;
mod signal;
mod snapshots;
mod space;
mod spsc;
mod status;
mod subscription;
mod threads;

pub use audit::{AuditReport, audit};
pub use beginning::{BeginningError, oldest_state};
pub use client::{COMMANDS_MAX, Client, ClientOptions, SUBMISSION_BYTES_MAX, Waker};
pub use clock::{Clock, SystemClock};
pub use depth::Depth;
pub use errors::{CallError, ClientError, SubmitError};
pub use exchange::{CloseReport, Exchange};
pub use halt::{Halt, HaltReason};
pub use mending::{MendError, MendReport, mend};
pub use options::{Durability, OptionError, Options, Retention};
pub use read::{InstrumentView, NewOrder, ORDERS_MAX, Read, ReadAnswer};
pub use recovery::{OpenError, RecoveryReport, ReplayError};
pub use replies::{Answer, Replies, Reply};
pub use rules::RULES_VERSION;
pub use status::{FsyncCounts, SnapshotStatus, Status};
pub use subscription::{Piece, SubscribeError, SubscribeOptions, Subscription, SubscriptionError};
