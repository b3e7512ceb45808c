//! Why an exchange does not do what a client asks.

use crate::client::COMMANDS_MAX;
use crate::halt::Halt;
use outcry_protocol::DecodeError;
use thiserror::Error;

/// Why an exchange has no client for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientError {
    /// There are as many as there may be.
    #[error("clients: there are {bound} already")]
    TooMany {
        /// The bound.
        bound: u32,
    },
    /// An option is zero that must not be.
    #[error("{field}: 0 is below 1")]
    Zero {
        /// Which.
        field: &'static str,
    },
    /// The exchange stopped.
    #[error(transparent)]
    Halted(#[from] Halt),
}

/// Why something was not taken in. Nothing of it was done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubmitError {
    /// A bound was met: take replies, or wait a little, and submit it again.
    #[error("overloaded: the {what} is full, its bound is {bound}")]
    Overloaded {
        /// What is full.
        what: &'static str,
        /// Its bound: bytes of the command ring or of the follower's lag, or commands in flight.
        bound: u64,
    },
    /// The disk is nearly full: commands are taken again when there is room.
    #[error(
        "disk_reserve_bytes: {free_bytes} bytes of the disk are free, {needed_bytes} must be for \
         commands to be taken"
    )]
    DiskNearlyFull {
        /// What is free.
        free_bytes: u64,
        /// What must be.
        needed_bytes: u64,
    },
    /// The bytes are no whole commands.
    #[error("offset {offset}: {error}")]
    Malformed {
        /// Where the record begins that cannot be read.
        offset: usize,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// More commands than one submission may have.
    #[error("commands: {count} or more, at most {COMMANDS_MAX} at once")]
    TooMany {
        /// How many were found before the rest was left unread.
        count: usize,
    },
    /// More bytes than one submission may have.
    #[error("bytes: {bytes}, at most {bound} at once")]
    TooLong {
        /// How many there are.
        bytes: usize,
        /// How many there may be.
        bound: usize,
    },
    /// No command at all.
    #[error("commands: none")]
    Empty,
    /// A ticket that is the client's own.
    #[error("ticket: {0} is not below 2^63")]
    Ticket(u64),
    /// The exchange stopped.
    #[error(transparent)]
    Halted(#[from] Halt),
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CallError {
    /// It was not taken in, and not done.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The answer to a read took more than the client's bound.
    #[error("reply_bytes_max: the answer is above its bound of {bound} bytes")]
    AnswerTooLong {
        /// The bound.
        bound: usize,
    },
    /// The exchange stopped before it could tell: nobody knows whether it was done until the
    /// exchange is opened again.
    #[error("outcome unknown: {0}")]
    Halted(#[from] Halt),
}
