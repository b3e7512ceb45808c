//! Many commands in one call.

use crate::emit::EventSink;
use crate::engine::Engine;
use crate::market::Outlook;
use crate::prefetch::prefetch;
use outcry_protocol::{CommandKind, DecodeError, OrderRecord};
use thiserror::Error;
use zerocopy::FromBytes;

/// Bytes of a plain order command.
const PLAIN: usize = size_of::<OrderRecord>();

/// How far ahead the commands themselves are asked for.
const INPUT_AHEAD: usize = 40 * PLAIN;

/// How far ahead of a command its memory is asked for, step by step.
const NAME_AHEAD: usize = 24 * PLAIN;
const TARGET_AHEAD: usize = 16 * PLAIN;
const NEIGHBOURS_AHEAD: usize = 8 * PLAIN;

/// Bytes that could not be read as commands to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("offset {offset}: {error}")]
pub struct BatchError {
    /// Where the record begins that could not be read; all before it was applied.
    pub offset: usize,
    /// What is wrong with it.
    pub error: DecodeError,
}

impl Engine {
    /// Applies all commands in `bytes`, in order, and answers how many there were. While one is
    /// applied the memory that those behind it will need is asked for.
    ///
    /// # Errors
    /// [`BatchError`] where the bytes cannot be read on; what stands before was applied.
    #[inline]
    pub fn apply_batch<S: EventSink>(
        &mut self,
        bytes: &[u8],
        sink: &mut S,
    ) -> Result<u64, BatchError> {
        let mut offset = 0;
        let mut commands = 0;
        let outlook = self.core().market.outlook();
        while offset < bytes.len() {
            prefetch(bytes.as_ptr().wrapping_add(offset + INPUT_AHEAD));
            if outlook != Outlook::NOTHING {
                self.look_ahead(outlook, bytes, offset);
            }
            let applied = self.apply(&bytes[offset..], sink);
            offset += applied.map_err(|error| BatchError { offset, error })?;
            commands += 1;
        }
        Ok(commands)
    }

    /// Asks for the memory of commands further on. Where commands of other sizes stand between, the
    /// guess misses and does no harm.
    #[inline(always)]
    fn look_ahead(&self, outlook: Outlook, bytes: &[u8], offset: usize) {
        let market = &self.core().market;
        if let Some(record) = plain_at(bytes, offset + NAME_AHEAD) {
            market.ask_for_name(outlook, record);
        }
        if let Some(record) = plain_at(bytes, offset + TARGET_AHEAD) {
            market.ask_for_target(outlook, record);
        }
        if let Some(record) = plain_at(bytes, offset + NEIGHBOURS_AHEAD) {
            market.ask_for_neighbours(outlook, record);
        }
    }
}

/// The plain order command that may stand at an offset.
#[inline(always)]
fn plain_at(bytes: &[u8], offset: usize) -> Option<&OrderRecord> {
    let record = OrderRecord::ref_from_bytes(bytes.get(offset..offset + PLAIN)?).ok()?;
    let plain = CommandKind::New as u8..=CommandKind::Replace as u8;
    plain.contains(&record.kind).then_some(record)
}
