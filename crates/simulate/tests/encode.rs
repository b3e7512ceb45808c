//! Goal: every workload is a valid command log that the instrument's filters let pass. Method: read
//! small ones back command by command.

use std::collections::{BTreeMap, BTreeSet};

use outcry_protocol::{Command, InstrumentLimitsRecord, LogHeader, OrderRecord, RecordBuffer};
use outcry_simulate::encode::START_TIME_NS;
use outcry_simulate::{Workload, command_log, exchange, w2};

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
fn every_workload_of_one_instrument_is_a_valid_log() {
    let of_one_instrument = Workload::ALL
        .into_iter()
        .filter(|one| *one != Workload::Mixed && !one.has_money());
    for workload in of_one_instrument {
        assert_log_is_valid(&workload);
    }
}

/// How many cancels name the client's id, of how many.
fn shares_of_client_ids(commands: &[Command]) -> (usize, usize) {
    let (mut by_client_id, mut cancels) = (0, 0);
    for command in commands {
        match command {
            Command::NewExtended(record) => {
                record.check_new().unwrap();
                assert_eq!(record.client_order_id.as_str().len(), 22);
            }
            Command::CancelExtended(record) => {
                record.check_cancel().unwrap();
                by_client_id += 1;
                cancels += 1;
            }
            Command::Cancel(record) => {
                record.check_cancel().unwrap();
                cancels += 1;
            }
            Command::Replace(record) => record.check_replace().unwrap(),
            other => panic!("{other:?}"),
        }
    }
    (by_client_id, cancels)
}

#[test]
fn the_exchange_has_assets_accounts_and_funds_before_its_orders() {
    let deep = 100;
    let flow = exchange::commands(Workload::Exchange.usual_seed(), COUNT, deep);
    let mut counts = BTreeMap::new();
    let mut paid_rebates = 0;
    for command in commands(flow.setup.as_bytes()) {
        let (name, checked) = match command {
            Command::AddAsset(record) => ("asset", record.check()),
            Command::SetAccount(record) => {
                paid_rebates += u32::from(record.maker_rate_ppm < 0);
                ("account", record.check())
            }
            Command::Funds(_, record) => ("deposit", record.check()),
            Command::Instrument(_, record, limits) => {
                record.check_exact().unwrap();
                ("instrument", limits.check(record.instrument))
            }
            Command::Admin(_, record) => ("reference", record.check()),
            Command::NewExtended(record) => ("order", record.check_new()),
            other => panic!("{other:?}"),
        };
        checked.unwrap();
        *counts.entry(name).or_insert(0) += 1;
    }
    let accounts = exchange::ACCOUNTS as usize;
    let expected = [
        ("account", accounts),
        ("asset", 2),
        ("deposit", 2 * accounts),
        ("instrument", 2),
        ("order", deep + w2::CANONICAL_SHAPE.target_orders),
        ("reference", 2),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    assert_eq!(paid_rebates, exchange::ACCOUNTS / exchange::REBATE_ONE_IN);

    let commands = commands(flow.flow.as_bytes());
    assert_eq!(commands.len(), COUNT);
    let (by_client_id, cancels) = shares_of_client_ids(&commands);
    let one_in_tenths = 10 * cancels / by_client_id;
    assert!(
        (35..45).contains(&one_in_tenths),
        "{by_client_id} of {cancels}"
    );
}

/// The mixed flow is malformed at times, so what is checked is how often and that all kinds come.
#[test]
fn the_mixed_flow_has_every_kind_of_command_to_the_market() {
    let log = log(&Workload::Mixed, COUNT);
    let (_, records) = LogHeader::split(log.as_bytes()).unwrap();
    let mut kinds = BTreeSet::new();
    let mut malformed = 0;
    for command in commands(records) {
        let (name, checked) = match command {
            Command::New(record) => ("new", record.check_new()),
            Command::Cancel(record) => ("cancel", record.check_cancel()),
            Command::Replace(record) => ("replace", record.check_replace()),
            Command::NewExtended(record) => ("new_extended", record.check_new()),
            Command::CancelExtended(record) => ("cancel_extended", record.check_cancel()),
            Command::ReplaceExtended(record) => ("replace_extended", record.check_replace()),
            Command::NewAmount(record) => ("new_amount", record.check()),
            Command::MassCancel(record) => ("mass_cancel", record.check()),
            Command::Admin(kind, record) => (kind.name(), record.check()),
            Command::Instrument(kind, record, limits) => (
                kind.name(),
                record
                    .check()
                    .and_then(|()| limits.check(record.instrument)),
            ),
            other => panic!("{other:?}"),
        };
        kinds.insert(name);
        malformed += usize::from(checked.is_err());
    }
    assert_eq!(kinds.len(), 13, "{kinds:?}");
    assert!(
        (1..COUNT / 50).contains(&malformed),
        "{malformed} malformed"
    );
}

#[test]
fn names_lead_back_to_their_workloads() {
    for workload in Workload::ALL {
        assert_eq!(Workload::from_name(&workload.name()), Some(workload));
    }
    assert_eq!(Workload::from_name("w3"), None);
}
