//! What any bytes at all must survive: read as commands, as events and as a log's head. Shared by
//! the replay of the corpus and the fuzz target.

use outcry_protocol::{
    Command, DecodeError, EventContext, EventRecord, ExtendedOrderRecord, InstrumentLimitsRecord,
    InstrumentRecord, LogHeader, MONEY_MAX, RecordBuffer, RejectReason, record_size,
};

/// Reads the bytes in every way; panics where one of them breaks its word.
pub(crate) fn exercise(bytes: &[u8]) {
    let buffer = RecordBuffer::copy_of(bytes);
    exercise_commands(buffer.as_bytes());
    exercise_events(bytes);
    if let Err(error) = LogHeader::split(bytes) {
        assert_names_a_field(&error.to_string());
    }
}

/// Reads on as a log does, over records that are no commands too, to the end or to a record whose
/// size cannot be told.
fn exercise_commands(mut rest: &[u8]) {
    while !rest.is_empty() {
        let consumed = match Command::decode(rest) {
            Ok((command, size)) => {
                assert!(size <= rest.len() && size.is_multiple_of(32));
                exercise_command(&command);
                size
            }
            Err(error) => {
                assert_ne!(error, DecodeError::Unaligned);
                assert_names_a_field(&error.to_string());
                match record_size(rest) {
                    Ok(size) => size,
                    Err(_) => return,
                }
            }
        };
        rest = &rest[consumed..];
    }
}

fn exercise_command(command: &Command<'_>) {
    let refused = match command {
        Command::New(order) => order.check_new(),
        Command::Cancel(order) => order.check_cancel(),
        Command::Replace(order) => order.check_replace(),
        Command::NewExtended(order) => order.check_new(),
        Command::CancelExtended(order) => order.check_cancel(),
        Command::ReplaceExtended(order) => order.check_replace(),
        Command::NewAmount(order) => order.check(),
        Command::NewList(list, legs) => {
            assert!(legs.len() <= 3);
            let legs = legs.iter().map(ExtendedOrderRecord::check_new);
            list.check().and(legs.collect())
        }
        Command::MassCancel(record) => record.check(),
        Command::Admin(_, record) => record.check(),
        Command::Instrument(_, instrument, limits) => exercise_instrument(instrument, limits),
        Command::AddAsset(record) => record.check(),
        Command::SetAccount(record) => record.check(),
        Command::Funds(_, record) => record.check(),
        Command::SettleWithdrawal(record) => record.check(),
    };
    if let Err(reason) = refused {
        assert!(!reason.field().is_empty());
        assert_eq!(RejectReason::from_code(reason as u16), Some(reason));
    }
}

/// What has the right shape is judged without overflow, and what is called exact is.
fn exercise_instrument(
    instrument: &InstrumentRecord,
    limits: &InstrumentLimitsRecord,
) -> Result<(), RejectReason> {
    instrument.check()?;
    limits.check(instrument.instrument)?;
    instrument.check_exact()?;
    let price_max = u128::from(instrument.price_max_ticks.unsigned_abs());
    let quantity_max = u128::from(instrument.quantity_max_lots);
    let value_unit = instrument.value_unit()?;
    let greatest = price_max.checked_mul(quantity_max);
    let greatest = greatest.and_then(|product| product.checked_mul(value_unit));
    assert!(greatest.is_some_and(|value| value <= MONEY_MAX));
    Ok(())
}

/// Reads whole records as a stream of events; what cannot be read leaves the reader as it was.
fn exercise_events(bytes: &[u8]) {
    let mut context = EventContext::default();
    for chunk in bytes.chunks_exact(size_of::<EventRecord>()) {
        let record = event_of(chunk);
        match context.read(&record) {
            Ok(Some(placed)) => assert_eq!(placed.instrument, record.instrument),
            Ok(None) => {}
            Err(error) => assert_names_a_field(&error.to_string()),
        }
    }
}

fn event_of(chunk: &[u8]) -> EventRecord {
    let word = |at: usize| u64::from_le_bytes(chunk[at..at + 8].try_into().expect("eight bytes"));
    EventRecord {
        kind: chunk[0],
        version: chunk[1],
        code: u16::from_le_bytes([chunk[2], chunk[3]]),
        instrument: u32::from_le_bytes(chunk[4..8].try_into().expect("four bytes")),
        sequence_or_price: word(8),
        order_id: word(16),
        value: word(24),
    }
}

fn assert_names_a_field(text: &str) {
    let (field, rest) = text.split_once(": ").expect("a field, then what is wrong");
    assert!(!field.is_empty() && !rest.is_empty(), "{text}");
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    assert!(field.chars().all(is_name), "{text}");
}
