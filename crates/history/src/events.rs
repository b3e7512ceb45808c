//! The events of a piece of the log, command by command, and the time that a command carries.

use outcry_protocol::{Command, EventContext, EventRecord, PlacedEvent};

use crate::tail::TailError;

/// The events of a piece, command by command.
pub(crate) struct Events<'a> {
    records: std::slice::Iter<'a, EventRecord>,
    context: EventContext,
    /// The first event of a later command.
    ahead: Option<PlacedEvent>,
    sequence: u64,
}

impl<'a> Events<'a> {
    pub(crate) fn new(records: &'a [EventRecord]) -> Self {
        Self {
            records: records.iter(),
            context: EventContext::default(),
            ahead: None,
            sequence: 0,
        }
    }

    /// The next event of this command.
    pub(crate) fn next_of(&mut self, sequence: u64) -> Result<Option<PlacedEvent>, TailError> {
        self.sequence = sequence;
        let next = match self.ahead.take() {
            Some(ahead) => Some(ahead),
            None => self.read()?,
        };
        self.ahead = next.filter(|event| event.sequence != sequence);
        Ok(next.filter(|event| event.sequence == sequence))
    }

    fn read(&mut self) -> Result<Option<PlacedEvent>, TailError> {
        for record in self.records.by_ref() {
            let placed = self.context.read(record).map_err(|error| {
                let sequence = self.sequence;
                TailError::Event { sequence, error }
            })?;
            if placed.is_some() {
                return Ok(placed);
            }
        }
        Ok(None)
    }

    /// Behind the last command no event may be left.
    pub(crate) fn check_end(&mut self, sequence: u64) -> Result<(), TailError> {
        match self.next_of(sequence + 1)? {
            None if self.ahead.is_none() => Ok(()),
            _ => Err(TailError::OtherPast { sequence }),
        }
    }
}

/// The time that a command carries, as the engine takes it.
pub(crate) fn time_of(command: &Command<'_>) -> u64 {
    match command {
        Command::New(record) | Command::Cancel(record) | Command::Replace(record) => record.time_ns,
        Command::NewExtended(record)
        | Command::CancelExtended(record)
        | Command::ReplaceExtended(record) => record.base.time_ns,
        Command::NewAmount(record) => record.base.time_ns,
        Command::NewList(record, _) => record.time_ns,
        Command::MassCancel(record) => record.time_ns,
        Command::Admin(_, record) => record.time_ns,
        Command::Instrument(_, record, _) => record.time_ns,
        Command::AddAsset(record) => record.time_ns,
        Command::SetAccount(record) => record.time_ns,
        Command::Funds(_, record) => record.time_ns,
        Command::SettleWithdrawal(record) => record.time_ns,
    }
}
