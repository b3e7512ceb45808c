//! From untrusted bytes to commands.

use thiserror::Error;
use zerocopy::{FromBytes, Immutable, KnownLayout};

use crate::{
    AccountRecord, AdminRecord, AmountOrderRecord, AssetRecord, CommandKind, ExtendedOrderRecord,
    FundsRecord, InstrumentLimitsRecord, InstrumentRecord, ListRecord, MassCancelRecord,
    OrderRecord, SettleRecord, size_of_kind,
};

/// Bytes that hold no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// No bytes at all.
    #[error("kind: no bytes")]
    Empty,
    /// A size class that does not exist.
    #[error("kind: {0:#04x} has no size")]
    Size(u8),
    /// The kind byte names no command.
    #[error("kind: {0:#04x} is no command")]
    Kind(u8),
    /// The bytes end within the command.
    #[error("length: {found} bytes, the command has {needed}")]
    Truncated {
        /// Bytes that are there.
        found: usize,
        /// Bytes that the command has.
        needed: usize,
    },
    /// The bytes do not begin at an address divisible by eight.
    #[error("address: records must begin at an address divisible by 8")]
    Unaligned,
}

/// The bytes that the record at the start of `bytes` claims, all of them there.
///
/// # Errors
/// [`DecodeError::Empty`], [`DecodeError::Size`] or [`DecodeError::Truncated`].
#[inline]
pub fn record_size(bytes: &[u8]) -> Result<usize, DecodeError> {
    let kind = *bytes.first().ok_or(DecodeError::Empty)?;
    let needed = size_of_kind(kind).ok_or(DecodeError::Size(kind))?;
    let found = bytes.len();
    if found < needed {
        Err(DecodeError::Truncated { found, needed })
    } else {
        Ok(needed)
    }
}

/// A command, read in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command<'a> {
    /// A new plain order.
    New(&'a OrderRecord),
    /// A cancel by order id.
    Cancel(&'a OrderRecord),
    /// A replace by order id.
    Replace(&'a OrderRecord),
    /// A new order of any type.
    NewExtended(&'a ExtendedOrderRecord),
    /// A cancel by either id.
    CancelExtended(&'a ExtendedOrderRecord),
    /// A replace by either id, or of a stop.
    ReplaceExtended(&'a ExtendedOrderRecord),
    /// A market order by quote amount.
    NewAmount(&'a AmountOrderRecord),
    /// An order list and its legs.
    NewList(&'a ListRecord, &'a [ExtendedOrderRecord]),
    /// A cancel of all that matches.
    MassCancel(&'a MassCancelRecord),
    /// `set_state`, `set_reference`, `end_session`, `advance_time` or `cancel_list`.
    Admin(CommandKind, &'a AdminRecord),
    /// `add_instrument` or `update_instrument`.
    Instrument(
        CommandKind,
        &'a InstrumentRecord,
        &'a InstrumentLimitsRecord,
    ),
    /// A new asset.
    AddAsset(&'a AssetRecord),
    /// An account's state, rates and group.
    SetAccount(&'a AccountRecord),
    /// `deposit`, `withdraw` or `transfer`.
    Funds(CommandKind, &'a FundsRecord),
    /// The end of a withdrawal.
    SettleWithdrawal(&'a SettleRecord),
}

impl<'a> Command<'a> {
    /// The command at the start of `bytes`, and how many bytes it has. Fields are not checked
    /// here: that is the records' `check`.
    ///
    /// # Errors
    /// [`DecodeError`] names what is wrong.
    pub fn decode(bytes: &'a [u8]) -> Result<(Self, usize), DecodeError> {
        let size = record_size(bytes)?;
        let kind = CommandKind::from_byte(bytes[0]).ok_or(DecodeError::Kind(bytes[0]))?;
        let command = match kind {
            CommandKind::New => Self::New(read(bytes)?),
            CommandKind::Cancel => Self::Cancel(read(bytes)?),
            CommandKind::Replace => Self::Replace(read(bytes)?),
            CommandKind::NewExtended => Self::NewExtended(read(bytes)?),
            CommandKind::CancelExtended => Self::CancelExtended(read(bytes)?),
            CommandKind::ReplaceExtended => Self::ReplaceExtended(read(bytes)?),
            CommandKind::NewAmount => Self::NewAmount(read(bytes)?),
            CommandKind::MassCancel => Self::MassCancel(read(bytes)?),
            CommandKind::SetState
            | CommandKind::SetReference
            | CommandKind::EndSession
            | CommandKind::AdvanceTime
            | CommandKind::CancelList => Self::Admin(kind, read(bytes)?),
            CommandKind::AddAsset => Self::AddAsset(read(bytes)?),
            CommandKind::SetAccount => Self::SetAccount(read(bytes)?),
            CommandKind::Deposit | CommandKind::Withdraw | CommandKind::Transfer => {
                Self::Funds(kind, read(bytes)?)
            }
            CommandKind::SettleWithdrawal => Self::SettleWithdrawal(read(bytes)?),
            CommandKind::NewList => return decode_list(bytes),
            CommandKind::AddInstrument | CommandKind::UpdateInstrument => {
                return decode_instrument(kind, bytes);
            }
            CommandKind::ListLeg | CommandKind::InstrumentLimits => {
                return Err(DecodeError::Kind(bytes[0]));
            }
        };
        Ok((command, size))
    }
}

#[inline]
fn read<T: FromBytes + KnownLayout + Immutable>(bytes: &[u8]) -> Result<&T, DecodeError> {
    let needed = size_of::<T>();
    let found = bytes.len();
    let own = bytes
        .get(..needed)
        .ok_or(DecodeError::Truncated { found, needed })?;
    T::ref_from_bytes(own).map_err(|_| DecodeError::Unaligned)
}

fn decode_list(bytes: &[u8]) -> Result<(Command<'_>, usize), DecodeError> {
    let list: &ListRecord = read(bytes)?;
    let head = size_of::<ListRecord>();
    let legs = usize::from(list.legs.min(3));
    let needed = head + legs * size_of::<ExtendedOrderRecord>();
    let found = bytes.len();
    let tail = bytes
        .get(head..needed)
        .ok_or(DecodeError::Truncated { found, needed })?;
    let legs = <[ExtendedOrderRecord]>::ref_from_bytes(tail).map_err(|_| DecodeError::Unaligned)?;
    match legs
        .iter()
        .find(|leg| leg.base.kind != CommandKind::ListLeg as u8)
    {
        Some(leg) => Err(DecodeError::Kind(leg.base.kind)),
        None => Ok((Command::NewList(list, legs), needed)),
    }
}

fn decode_instrument(kind: CommandKind, bytes: &[u8]) -> Result<(Command<'_>, usize), DecodeError> {
    let head = size_of::<InstrumentRecord>();
    let needed = head + size_of::<InstrumentLimitsRecord>();
    let found = bytes.len();
    if found < needed {
        return Err(DecodeError::Truncated { found, needed });
    }
    let limits: &InstrumentLimitsRecord = read(&bytes[head..])?;
    if limits.kind != CommandKind::InstrumentLimits as u8 {
        return Err(DecodeError::Kind(limits.kind));
    }
    Ok((Command::Instrument(kind, read(bytes)?, limits), needed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RecordBuffer, Side};

    #[test]
    fn a_command_is_read_in_place() {
        let record = OrderRecord::limit(1, 2, Side::Sell, 100, 5);
        let (command, size) = Command::decode(record.as_record_bytes()).unwrap();
        assert_eq!((command, size), (Command::New(&record), 64));
    }

    #[test]
    fn truncation_is_named() {
        let record = OrderRecord::limit(1, 2, Side::Sell, 100, 5);
        let error = Command::decode(&record.as_record_bytes()[..63]).unwrap_err();
        assert_eq!(error.to_string(), "length: 63 bytes, the command has 64");
        assert_eq!(Command::decode(&[]), Err(DecodeError::Empty));
    }

    #[test]
    fn an_instrument_is_two_records() {
        let limits = InstrumentLimitsRecord::unbounded(1);
        let mut bytes = RecordBuffer::copy_of(&[0; 128]);
        assert_eq!(Command::decode(bytes.as_bytes()), Err(DecodeError::Kind(0)));
        let mut head = [0; 128];
        head[0] = CommandKind::AddInstrument as u8;
        bytes = RecordBuffer::copy_of(&head);
        let truncated = DecodeError::Truncated {
            found: 128,
            needed: 192,
        };
        assert_eq!(Command::decode(bytes.as_bytes()), Err(truncated));
        bytes.extend(limits.as_record_bytes());
        assert_eq!(Command::decode(bytes.as_bytes()).unwrap().1, 192);
    }
}
