//! What an exchange cannot do, as the exceptions of `outcry.errors`.

use std::path::Path;

use outcry_journal::{Damage, FORMAT, LockError, STORE_FORMAT, StoreError};
use outcry_runtime::{
    CallError, ClientError, Halt, OpenError, RULES_VERSION, SubmitError, SubscribeError,
    SubscriptionError,
};
use pyo3::prelude::*;

use crate::errors::{classes, invalid_value, undecodable};

/// The exchange stopped: the reason and its detail.
#[cold]
pub(crate) fn halted(halt: &Halt) -> PyErr {
    classes::ExchangeHalted::new_err((halt.reason.name(), halt.detail.clone()))
}

/// A bound was met.
fn overloaded(what: &str, bound: u64) -> PyErr {
    classes::Overloaded::new_err((what.to_owned(), bound))
}

/// Something was not taken in.
#[cold]
pub(crate) fn submit_failed(error: SubmitError) -> PyErr {
    match error {
        SubmitError::Overloaded { what, bound } => overloaded(what, bound),
        SubmitError::DiskNearlyFull {
            free_bytes,
            needed_bytes,
        } => classes::DiskNearlyFull::new_err((free_bytes, needed_bytes)),
        SubmitError::Malformed { offset, error } => undecodable(offset, error, None),
        SubmitError::Halted(halt) => halted(&halt),
        other => {
            let text = other.to_string();
            let (field, rest) = text.split_once(": ").unwrap_or(("records", &text));
            invalid_value("records", field, rest)
        }
    }
}

/// The answer to a read passes the client's bound.
#[cold]
pub(crate) fn answer_too_long(bound: usize) -> PyErr {
    overloaded("room of client_reply_bytes_max for an answer", bound as u64)
}

/// A call has no answer.
#[cold]
pub(crate) fn call_failed(error: CallError) -> PyErr {
    match error {
        CallError::Submit(error) => submit_failed(error),
        CallError::AnswerTooLong { bound } => answer_too_long(bound),
        CallError::Halted(halt) => halted(&halt),
    }
}

/// There is no room for one more client.
#[cold]
pub(crate) fn client_failed(error: ClientError) -> PyErr {
    match error {
        ClientError::TooMany { bound } => overloaded("number of clients", bound.into()),
        ClientError::Zero { field } => invalid_value(field, "0", "must be at least 1"),
        ClientError::Halted(halt) => halted(&halt),
    }
}

/// A reader was too slow: it was not given the events from one sequence to another.
#[cold]
pub(crate) fn events_gap(first_sequence: u64, last_sequence: u64) -> PyErr {
    classes::EventsGap::new_err((first_sequence, last_sequence))
}

/// A subscription cannot begin.
#[cold]
pub(crate) fn subscribe_failed(error: SubscribeError) -> PyErr {
    match error {
        SubscribeError::EventsGone { oldest } => classes::EventsGone::new_err((oldest,)),
        SubscribeError::Log(error) => store_failed(&error),
        SubscribeError::Halted(halt) => halted(&halt),
    }
}

/// A subscription has ended.
#[cold]
pub(crate) fn subscription_ended(error: SubscriptionError) -> PyErr {
    match error {
        SubscriptionError::Log(error) => store_failed(&error),
        SubscriptionError::Halted(halt) => halted(&halt),
    }
}

/// A directory cannot be opened.
#[cold]
pub(crate) fn open_failed(path: &Path, error: OpenError) -> PyErr {
    match error {
        OpenError::Lock(LockError::Held { pid, .. }) => {
            classes::DirectoryLocked::new_err((shown(path), pid))
        }
        OpenError::Options(error) => {
            let bound = format!("is not within {} to {}", error.least, error.most);
            invalid_value(error.field, &error.value.to_string(), &bound)
        }
        OpenError::ConfigDiffers {
            field,
            recorded,
            asked,
        } => classes::SettingsDiffer::new_err((field, recorded, asked)),
        OpenError::Rules { recorded } => {
            let arguments = (shown(path), "rules_version", recorded, RULES_VERSION);
            classes::NewerFormat::new_err(arguments)
        }
        OpenError::Journal(error) => journal_failed(error),
        OpenError::Store(error) => store_failed(&error),
        other => classes::OpenFailed::new_err((other.to_string(),)),
    }
}

fn journal_failed(error: outcry_journal::OpenError) -> PyErr {
    use outcry_journal::OpenError as E;
    match error {
        E::Damaged {
            file, offset, why, ..
        } => classes::JournalDamaged::new_err((shown(&file), offset, why.to_string())),
        E::Newer { file, why } => {
            let (what, found, known) = match why {
                Damage::Version(found) => ("version", u32::from(found), FORMAT),
                Damage::Format(found) => ("format", found, FORMAT),
                _ => ("format", 0, FORMAT),
            };
            classes::NewerFormat::new_err((shown(&file), what, found, known))
        }
        E::OtherShard { expected, found } => {
            classes::SettingsDiffer::new_err(("shard", found, expected))
        }
        other => classes::OpenFailed::new_err((other.to_string(),)),
    }
}

fn store_failed(error: &StoreError) -> PyErr {
    match error {
        StoreError::Damaged { file, offset, why } => {
            classes::JournalDamaged::new_err((shown(file), *offset, why.to_string()))
        }
        StoreError::Newer { file, format } => {
            classes::NewerFormat::new_err((shown(file), "format", *format, STORE_FORMAT))
        }
        StoreError::TooOld { oldest, .. } => classes::EventsGone::new_err((*oldest,)),
        other => classes::OpenFailed::new_err((other.to_string(),)),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
