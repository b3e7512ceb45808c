//! Many commands in one call.

use crate::emit::EventSink;
use crate::engine::plain_kind;
use crate::machine::{Keeper, Machine};
use crate::market::Outlook;
use crate::prefetch::prefetch;
use outcry_protocol::{DecodeError, OrderRecord};
use thiserror::Error;
use zerocopy::FromBytes;

/// Bytes of a plain order command; every command has a multiple of them.
const PLAIN: usize = size_of::<OrderRecord>();

/// How far ahead the commands themselves are asked for.
const INPUT_AHEAD: usize = 40;

/// How far ahead of a command its memory is asked for, step by step.
const NAME_AHEAD: usize = 24;
const TARGET_AHEAD: usize = 16;
const NEIGHBOURS_AHEAD: usize = 8;

/// Bytes that could not be read as commands to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("offset {offset}: {error}")]
pub struct BatchError {
    /// Where the record begins that could not be read; all before it was applied.
    pub offset: usize,
    /// What is wrong with it.
    pub error: DecodeError,
}

impl<L: Keeper> Machine<L> {
    /// [`crate::Engine::apply_batch`].
    #[inline]
    pub(crate) fn apply_batch<S: EventSink>(
        &mut self,
        bytes: &[u8],
        sink: &mut S,
    ) -> Result<u64, BatchError> {
        let outlook = self.core.market.outlook();
        let mut offset = 0;
        let mut commands = 0;
        while offset < bytes.len() {
            let rest = &bytes[offset..];
            let (plain, _) = <[OrderRecord]>::ref_from_prefix(rest).map_err(|_| BatchError {
                offset,
                error: DecodeError::Unaligned,
            })?;
            let applied = self.apply_plain_run(outlook, plain, sink);
            commands += applied as u64;
            offset += applied * PLAIN;
            if offset < bytes.len() {
                let applied = self.apply(&bytes[offset..], sink);
                offset += applied.map_err(|error| BatchError { offset, error })?;
                commands += 1;
            }
        }
        Ok(commands)
    }

    /// Applies plain order commands up to the first command of another kind, and answers how many.
    #[inline(always)]
    fn apply_plain_run<S: EventSink>(
        &mut self,
        outlook: Outlook,
        records: &[OrderRecord],
        sink: &mut S,
    ) -> usize {
        for (number, record) in records.iter().enumerate() {
            prefetch(std::ptr::from_ref(record).wrapping_add(INPUT_AHEAD));
            if outlook != Outlook::NOTHING {
                self.look_ahead(outlook, &records[number..]);
            }
            match plain_kind(record.kind) {
                Some(kind) => self.apply_plain(kind, record, sink),
                None => return number,
            }
        }
        records.len()
    }

    /// Asks for the memory of commands further on. Where commands of other kinds stand between, the
    /// guess misses and does no harm.
    #[inline(always)]
    fn look_ahead(&self, outlook: Outlook, records: &[OrderRecord]) {
        let market = &self.core.market;
        if let Some(record) = records.get(NAME_AHEAD) {
            market.ask_for_name(outlook, record);
        }
        if let Some(record) = records.get(TARGET_AHEAD) {
            market.ask_for_target(outlook, record);
        }
        if let Some(record) = records.get(NEIGHBOURS_AHEAD) {
            market.ask_for_neighbours(outlook, record);
        }
    }
}
