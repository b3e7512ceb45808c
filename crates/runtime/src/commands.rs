//! Walking over command records without reading their fields.

use outcry_protocol::{CommandKind, DecodeError, size_of_kind};

/// Offset of the time in every command.
pub(crate) const TIME: usize = 8;
/// Offset of the request id in every command.
pub(crate) const REQUEST_ID: std::ops::Range<usize> = 16..32;
/// Offset of the number of legs in a list.
const LEGS: usize = 37;
/// Bytes of a list, an instrument and a leg; of an instrument's limits.
const LARGE: usize = 128;
const SMALL: usize = 64;

/// The bytes of the command at the start of `bytes`, all of them there; what `Command::decode`
/// says of them, for bytes at any address.
#[inline]
pub(crate) fn command_length(bytes: &[u8]) -> Result<usize, DecodeError> {
    const NEW: u8 = CommandKind::New as u8;
    const REPLACE: u8 = CommandKind::Replace as u8;
    match bytes.first() {
        Some(NEW..=REPLACE) if bytes.len() >= SMALL => Ok(SMALL),
        _ => uncommon_length(bytes),
    }
}

#[cold]
fn uncommon_length(bytes: &[u8]) -> Result<usize, DecodeError> {
    let byte = *bytes.first().ok_or(DecodeError::Empty)?;
    let size = size_of_kind(byte).ok_or(DecodeError::Size(byte))?;
    let found = bytes.len();
    let truncated = |needed: usize| {
        if found < needed {
            Err(DecodeError::Truncated { found, needed })
        } else {
            Ok(needed)
        }
    };
    truncated(size)?;
    let expect_kind = |offset: usize, kind: CommandKind| {
        if bytes[offset] == kind as u8 {
            Ok(())
        } else {
            Err(DecodeError::Kind(bytes[offset]))
        }
    };
    match CommandKind::from_byte(byte) {
        None | Some(CommandKind::ListLeg | CommandKind::InstrumentLimits) => {
            Err(DecodeError::Kind(byte))
        }
        Some(CommandKind::NewList) => {
            let legs = usize::from(bytes[LEGS].min(3));
            let size = truncated(LARGE + legs * LARGE)?;
            for leg in 1..=legs {
                expect_kind(leg * LARGE, CommandKind::ListLeg)?;
            }
            Ok(size)
        }
        Some(CommandKind::AddInstrument | CommandKind::UpdateInstrument) => {
            let size = truncated(LARGE + SMALL)?;
            expect_kind(LARGE, CommandKind::InstrumentLimits)?;
            Ok(size)
        }
        Some(_) => Ok(size),
    }
}

/// Whether the answer of this command may ask for it to be sent again.
#[inline]
pub(crate) const fn may_ask_for_more(kind: u8) -> bool {
    kind == CommandKind::MassCancel as u8 || kind == CommandKind::EndSession as u8
}

/// Writes the time into every command of `bytes`, which hold whole commands; answers whether one
/// of them [`may_ask_for_more`].
#[inline]
pub(crate) fn stamp(bytes: &mut [u8], time_ns: u64) -> bool {
    let mut may_repeat = false;
    let mut offset = 0;
    while offset < bytes.len() {
        let length = command_length(&bytes[offset..]).expect("checked when it was submitted");
        bytes[offset + TIME..offset + TIME + 8].copy_from_slice(&time_ns.to_le_bytes());
        may_repeat |= may_ask_for_more(bytes[offset]);
        offset += length;
    }
    may_repeat
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcry_protocol::{Command, RecordBuffer};
    use outcry_simulate::Workload;

    #[test]
    fn lengths_are_those_of_the_decoder() {
        let commands = Workload::Mixed.commands(3, 5_000);
        let mut bytes = commands.setup.as_bytes().to_vec();
        bytes.extend(commands.flow.as_bytes());
        let mut offset = 0;
        while offset < bytes.len() {
            let rest = RecordBuffer::copy_of(&bytes[offset..bytes.len().min(offset + 600)]);
            let decoded = Command::decode(rest.as_bytes()).map(|(_, size)| size);
            assert_eq!(command_length(rest.as_bytes()), decoded, "offset {offset}");
            for cut in [0, 1, 63, 64, 127, 191] {
                let cut = RecordBuffer::copy_of(&rest.as_bytes()[..cut.min(rest.as_bytes().len())]);
                let decoded = Command::decode(cut.as_bytes()).map(|(_, size)| size);
                assert_eq!(command_length(cut.as_bytes()), decoded, "offset {offset}");
            }
            offset += decoded.unwrap_or(64);
        }
    }

    #[test]
    fn every_kind_byte_is_judged_as_the_decoder_does() {
        for kind in 0..=255 {
            for legs in 0..=4 {
                let mut bytes = [0; 512];
                bytes[0] = kind;
                bytes[LEGS] = legs;
                bytes[128] = CommandKind::ListLeg as u8;
                bytes[256] = CommandKind::ListLeg as u8;
                let record = RecordBuffer::copy_of(&bytes);
                let decoded = Command::decode(record.as_bytes()).map(|(_, size)| size);
                assert_eq!(
                    command_length(record.as_bytes()),
                    decoded,
                    "{kind:#x} {legs}"
                );
            }
        }
    }

    #[test]
    fn the_time_is_written_into_each_command() {
        let mut bytes = vec![0; 64 + 192 + 64];
        bytes[0] = CommandKind::New as u8;
        bytes[64] = CommandKind::AddInstrument as u8;
        bytes[64 + 128] = CommandKind::InstrumentLimits as u8;
        bytes[256] = CommandKind::MassCancel as u8;
        assert!(stamp(&mut bytes, 7));
        let times: Vec<_> = [0, 64, 192, 256].map(|at| bytes[at + TIME]).to_vec();
        assert_eq!(times, [7, 7, 0, 7]);
    }
}
