//! The exchange in one process.

mod client;
mod clock;
mod command_ring;
mod commands;
mod core_thread;
mod depth;
mod event_thread;
pub mod failpoint;
mod halt;
mod journal_thread;
mod options;
mod read;
mod replies;
mod run;
mod shared;
mod signal;
mod spsc;
mod status;
mod subscription;
