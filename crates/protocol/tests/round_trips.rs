//! Goal: what is written is what is read. Method: records of any content, found by proptest, go
//! through their bytes and back, alone, cut short and behind one another.

mod exercise;

use outcry_protocol::{
    AmountOrderRecord, CancelReason, Command, CommandKind, DecodeError, Event, EventContext,
    EventRecord, ExtendedOrderRecord, InstrumentLimitsRecord, OrderRecord, RecordBuffer,
    RejectReason, Side, Text, VERSION, size_of_kind, trade_flags,
};
use proptest::collection::vec;
use proptest::prelude::*;

prop_compose! {
    fn order(kind: CommandKind)(
        flags: u16, instrument: u32, time_ns: u64, request_id: [u64; 2], account: u32,
        bytes: [u8; 4], price_ticks: i64, quantity_lots: u64, order_id: u64,
    ) -> OrderRecord {
        let [side, order_type, time_in_force, self_trade] = bytes;
        OrderRecord {
            kind: kind as u8, version: VERSION, flags, instrument, time_ns, request_id, account,
            side, order_type, time_in_force, self_trade, price_ticks, quantity_lots, order_id,
        }
    }
}

prop_compose! {
    fn extended(kind: CommandKind)(
        base in order(kind), stop: i64, display_lots: u64, expire_time_ns: u64,
        name in vec(any::<u8>(), 36), trigger: u8, stop_unit: u8, reserved: [u8; 2],
    ) -> ExtendedOrderRecord {
        let client_order_id = Text(name.try_into().expect("36 bytes"));
        ExtendedOrderRecord {
            base, stop, display_lots, expire_time_ns, client_order_id, trigger, stop_unit, reserved,
        }
    }
}

/// The bytes of one whole command of this kind, any content.
fn command_bytes(kind: CommandKind) -> BoxedStrategy<Vec<u8>> {
    let size = size_of_kind(kind as u8).expect("every kind has a size");
    let first = vec(any::<u8>(), size).prop_map(move |mut bytes| {
        bytes[0] = kind as u8;
        bytes
    });
    match kind {
        CommandKind::NewList => (first, vec(extended(CommandKind::ListLeg), 2..=3))
            .prop_map(|(mut bytes, legs)| {
                // The byte behind the list's type says how many legs follow.
                bytes[37] = u8::try_from(legs.len()).expect("2 or 3");
                for leg in &legs {
                    bytes.extend(leg.as_record_bytes());
                }
                bytes
            })
            .boxed(),
        CommandKind::AddInstrument | CommandKind::UpdateInstrument => first
            .prop_map(|mut bytes| {
                bytes.extend(InstrumentLimitsRecord::unbounded(1).as_record_bytes());
                bytes
            })
            .boxed(),
        _ => first.boxed(),
    }
}

/// The kinds that begin a command.
fn leading_kinds() -> Vec<CommandKind> {
    let inner = [CommandKind::ListLeg, CommandKind::InstrumentLimits];
    let all = CommandKind::ALL.iter().copied();
    all.filter(|kind| !inner.contains(kind)).collect()
}

fn any_command() -> impl Strategy<Value = Vec<u8>> {
    proptest::sample::select(leading_kinds()).prop_flat_map(command_bytes)
}

fn short_text() -> impl Strategy<Value = String> {
    "[!-~]{1,36}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_plain_order_is_read_as_it_was_written(written in order(CommandKind::New)) {
        let (command, size) = Command::decode(written.as_record_bytes()).unwrap();
        prop_assert_eq!((command, size), (Command::New(&written), 64));
    }

    #[test]
    fn an_extended_order_is_read_as_it_was_written(
        written in extended(CommandKind::NewExtended),
    ) {
        let (command, size) = Command::decode(written.as_record_bytes()).unwrap();
        prop_assert_eq!((command, size), (Command::NewExtended(&written), 128));
    }

    #[test]
    fn an_amount_is_read_as_it_was_written(
        base in order(CommandKind::New), amount: u128, name in short_text(),
    ) {
        let mut written = AmountOrderRecord::new(base, amount);
        written.client_order_id = Text::new(&name).unwrap();
        match Command::decode(written.as_record_bytes()).unwrap() {
            (Command::NewAmount(read), 128) => {
                prop_assert_eq!(read.amount(), amount);
                prop_assert_eq!(read.client_order_id.as_str(), name.as_str());
            }
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn a_command_has_its_whole_size_and_no_less(bytes in any_command(), cut: prop::sample::Index) {
        let buffer = RecordBuffer::copy_of(&bytes);
        let (_, size) = Command::decode(buffer.as_bytes()).unwrap();
        prop_assert_eq!(size, bytes.len());
        let found = cut.index(size);
        let error = Command::decode(&buffer.as_bytes()[..found]).unwrap_err();
        let named = match error {
            DecodeError::Empty => found == 0,
            DecodeError::Truncated { found: said, needed } => said == found && needed > found,
            _ => false,
        };
        prop_assert!(named, "{error} of {found} bytes of {size}");
    }

    #[test]
    fn commands_behind_one_another_are_read_one_by_one(
        commands in vec(any_command(), 0..12),
    ) {
        let buffer = RecordBuffer::copy_of(&commands.concat());
        let mut rest = buffer.as_bytes();
        for written in &commands {
            let (_, size) = Command::decode(rest).unwrap();
            prop_assert_eq!(&rest[..size], written.as_slice());
            rest = &rest[size..];
        }
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..600)) {
        exercise::exercise(&bytes);
    }

    #[test]
    fn commands_of_any_content_are_survived(commands in vec(any_command(), 1..4)) {
        exercise::exercise(&commands.concat());
    }

    #[test]
    fn a_text_is_read_as_it_was_written(text in short_text()) {
        let written = Text::<36>::new(&text).unwrap();
        prop_assert!(written.is_valid() && !written.is_empty());
        prop_assert_eq!(written.as_str(), text.as_str());
    }

    #[test]
    fn trades_are_numbered_from_the_record_before_them(
        sequence in 1_u64.., instrument: u32, taker in 1_u64.., first in 1_u64..1 << 40,
        trades in vec((1_u64.., 1_i64.., 1_u64.., 0_u16..8), 1..20),
    ) {
        let mut context = EventContext::default();
        let head = EventRecord::accepted(sequence, instrument, taker, first, false);
        prop_assert!(context.read(&head).unwrap().is_some());
        for (index, (maker, price, lots, flags)) in trades.into_iter().enumerate() {
            let record = EventRecord::traded(instrument, maker, price, lots, flags);
            let placed = context.read(&record).unwrap().unwrap();
            prop_assert_eq!((placed.sequence, placed.place as usize), (sequence, index + 1));
            let sells = flags & trade_flags::AGGRESSOR_SELLS != 0;
            prop_assert_eq!(placed.event, Event::Traded {
                trade_id: first + index as u64,
                maker_order_id: maker,
                taker_order_id: taker,
                price_ticks: price,
                quantity_lots: lots,
                aggressor: if sells { Side::Sell } else { Side::Buy },
                maker_filled: flags & trade_flags::MAKER_FILLED != 0,
                taker_filled: flags & trade_flags::TAKER_FILLED != 0,
            });
        }
    }

    #[test]
    fn endings_are_read_as_they_were_written(
        sequence in 1_u64.., instrument: u32, order_id: u64, lots: u64, bound: u64,
        why in proptest::sample::select(CancelReason::ALL),
        refusal in proptest::sample::select(RejectReason::ALL),
    ) {
        let mut context = EventContext::default();
        let mut read = |record: EventRecord| context.read(&record).unwrap().unwrap().event;
        prop_assert_eq!(
            read(EventRecord::cancelled(sequence, instrument, order_id, lots, why)),
            Event::Cancelled { order_id, quantity_lots: lots, reason: why, refusal: None }
        );
        prop_assert_eq!(
            read(EventRecord::rejected(sequence, instrument, refusal, order_id, bound)),
            Event::Rejected { reason: refusal, order_id, bound }
        );
    }
}

#[test]
fn the_last_trade_number_is_followed_without_a_panic() {
    let mut context = EventContext::default();
    context.read(&EventRecord::pass(1, 1, 2, u64::MAX)).unwrap();
    for _ in 0..3 {
        let trade = context.read(&EventRecord::traded(1, 3, 4, 5, 0)).unwrap();
        assert!(matches!(trade.unwrap().event, Event::Traded { .. }));
    }
}

#[test]
fn a_state_beyond_a_byte_is_no_state() {
    let mut record = EventRecord::state_changed(1, 1, outcry_protocol::TradingState::Halted);
    record.code |= 0x100;
    let error = EventContext::default().read(&record).unwrap_err();
    assert_eq!(error.to_string(), "code: 260 is no reason of this event");
}
