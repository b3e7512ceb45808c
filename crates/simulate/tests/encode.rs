//! Goal: every workload is a valid command log that the instrument's filters let pass. Method: read
//! small ones back command by command.

use outcry_protocol::{Command, InstrumentLimitsRecord, LogHeader, OrderRecord, RecordBuffer};
use outcry_simulate::encode::START_TIME_NS;
use outcry_simulate::{Workload, command_log};

const COUNT: usize = 20_000;

fn log(workload: &Workload, count: usize) -> RecordBuffer {
    RecordBuffer::copy_of(&command_log(workload, workload.usual_seed(), count))
}

fn commands(records: &[u8]) -> Vec<Command<'_>> {
    let mut rest = records;
    let mut commands = Vec::new();
    while !rest.is_empty() {
        let (command, size) = Command::decode(rest).unwrap();
        commands.push(command);
        rest = &rest[size..];
    }
    commands
}

/// The largest price that the whole band around the reference lets pass.
fn assert_passes(record: &OrderRecord, price_max_ticks: i64) {
    assert!(
        record.price_ticks <= price_max_ticks,
        "{record:?} is outside of the band"
    );
    assert_eq!(record.instrument, 1);
    assert!(record.account > 0);
}

fn assert_log_is_valid(workload: &Workload) {
    let log = log(workload, COUNT);
    let (_, records) = LogHeader::split(log.as_bytes()).unwrap();
    let commands = commands(records);
    let Command::Instrument(_, instrument, limits) = commands[0] else {
        panic!("the first command is {:?}", commands[0]);
    };
    instrument.check().unwrap();
    instrument.check_exact().unwrap();
    limits.check(1).unwrap();
    let unset = InstrumentLimitsRecord::unbounded(1);
    assert!(limits.notional_min() > 0 && limits.notional_max() < u128::MAX);
    assert!(limits.band_ppm != unset.band_ppm && limits.orders_max != unset.orders_max);
    let Command::Admin(_, reference) = commands[1] else {
        panic!("the second command is {:?}", commands[1]);
    };
    reference.check().unwrap();
    let price_max_ticks = reference.price_ticks * 2;
    let mut time_ns = START_TIME_NS;
    for command in &commands[2..] {
        let record = match command {
            Command::New(record) => record.check_new().map(|()| record),
            Command::Cancel(record) => record.check_cancel().map(|()| record),
            Command::Replace(record) => record.check_replace().map(|()| record),
            other => panic!("{other:?}"),
        };
        let record = record.unwrap();
        assert_passes(record, price_max_ticks);
        assert!(record.time_ns >= time_ns);
        time_ns = record.time_ns;
    }
    assert!(commands.len() > COUNT);
}

#[test]
fn every_workload_is_a_valid_log() {
    for workload in Workload::ALL {
        assert_log_is_valid(&workload);
    }
}

#[test]
fn names_lead_back_to_their_workloads() {
    for workload in Workload::ALL {
        assert_eq!(Workload::from_name(&workload.name()), Some(workload));
    }
    assert_eq!(Workload::from_name("w3"), None);
}
