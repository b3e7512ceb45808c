//! Goal: the W1 flow is the referee's canonical stream. Method: write the flow in the format of the
//! referee's own generator and compare the SHA-256 of that file with the one of the file that the
//! generator writes (`./generator SCENARIO out.bin COUNT 23`, then `sha256sum out.bin`).

mod hex;

use hex::sha256;
use outcry_protocol::{Side, TimeInForce};
use outcry_simulate::flow::Action;
use outcry_simulate::w1::{self, CANONICAL_ORDERS, CANONICAL_SEED, SCENARIOS, Stream};

const FILE_MAGIC: u64 = 0x4D45_4257_5F30_3031;
const FILE_VERSION: u32 = 1;
const SMALL_ORDERS: usize = 20_000;

const SMALL_FILES: [&str; 5] = [
    "9786775dc20992b27b4568a8d1aa51a0fb078236c34edf72d4f8a958bef82a42",
    "63f8655343ef98806bdcfb9bcfe3b25771b3106648f26173fee912521f3d0568",
    "891b7ff9cea91306ba1c8a254d753c17e4633725d850bcd9b7baf34728251ecb",
    "b528fde36847e0445032dd78a774213f6035eae273da3b3d8ce7e80d4e889a12",
    "8971c682619e4e95e2645600f49b5ac2eec2329fddd6271c14084dfdfa7ebbf7",
];
const CANONICAL_FILES: [&str; 5] = [
    "22f782cf6865a53ed150424b87f51a35dc80be87e2427c78c3b5a12d6ccc0ae5",
    "d925e1a4fc03cfcf7f0db8f9ad4c6c8674991250b702e9dc3f1b2b7c9f4bfbc1",
    "814c1cc319bd7a7e3c0b66d34e37d6a961efb2e8d86f16fff335740ba46b52d6",
    "d0941f009872a70b6d337ff71844188d964a0f7039ee669962ff7a398380d3d0",
    "1cd9573c7703baa8f9ce655f4fceab25526dfb4e857eb0c563d1d2a51fd00285",
];

/// What the generator's record of a cancel repeats of the new order it names.
#[derive(Clone, Copy)]
struct Entered {
    side: u8,
    price_ticks: i64,
    quantity_lots: u64,
}

struct Record {
    kind: u8,
    side: u8,
    immediate: u8,
    quantity_lots: u64,
    price_ticks: i64,
    order: u64,
}

fn side_byte(side: Side) -> u8 {
    match side {
        Side::Buy => 0,
        Side::Sell => 1,
    }
}

fn place(order: u64) -> usize {
    usize::try_from(order).unwrap() - 1
}

fn record(action: &Action, entered: &mut Vec<Entered>) -> Record {
    match *action {
        Action::New {
            order,
            side,
            price_ticks,
            quantity_lots,
            time_in_force,
            ..
        } => {
            assert_eq!(
                place(order),
                entered.len(),
                "new orders are numbered as they arrive"
            );
            let side = side_byte(side);
            entered.push(Entered {
                side,
                price_ticks,
                quantity_lots,
            });
            let immediate = u8::from(time_in_force == TimeInForce::Ioc);
            Record {
                kind: 0,
                side,
                immediate,
                quantity_lots,
                price_ticks,
                order,
            }
        }
        Action::Cancel { order, .. } => {
            let Entered {
                side,
                price_ticks,
                quantity_lots,
            } = entered[place(order)];
            Record {
                kind: 1,
                side,
                immediate: 0,
                quantity_lots,
                price_ticks,
                order,
            }
        }
        Action::Replace {
            order,
            price_ticks,
            quantity_lots,
            ..
        } => {
            let side = entered[place(order)].side;
            Record {
                kind: 2,
                side,
                immediate: 0,
                quantity_lots,
                price_ticks,
                order,
            }
        }
    }
}

fn file(stream: &Stream) -> Vec<u8> {
    let mut file = Vec::with_capacity(16 + stream.steps.len() * 40);
    file.extend(FILE_MAGIC.to_le_bytes());
    file.extend(FILE_VERSION.to_le_bytes());
    file.extend(u32::try_from(stream.steps.len()).unwrap().to_le_bytes());
    let mut entered = Vec::new();
    for (sequence, step) in (0_u64..).zip(&stream.steps) {
        let record = record(&step.action, &mut entered);
        file.extend([record.kind, record.side, record.immediate, 0]);
        file.extend(u32::try_from(record.quantity_lots).unwrap().to_le_bytes());
        file.extend(sequence.to_le_bytes());
        file.extend(stream.referee_ids[place(record.order)].to_le_bytes());
        file.extend(record.price_ticks.to_le_bytes());
        file.extend([0; 8]);
    }
    file
}

/// New orders, of these the immediate ones, cancels, replaces.
fn counts(stream: &Stream) -> [usize; 4] {
    let mut counts = [0; 4];
    for step in &stream.steps {
        match step.action {
            Action::New { time_in_force, .. } => {
                counts[0] += 1;
                counts[1] += usize::from(time_in_force == TimeInForce::Ioc);
            }
            Action::Cancel { .. } => counts[2] += 1,
            Action::Replace { .. } => counts[3] += 1,
        }
    }
    counts
}

fn assert_files_equal_the_referees(orders: usize, expected: [&str; 5]) {
    for (scenario, expected) in SCENARIOS.iter().zip(expected) {
        let stream = w1::generate(scenario, orders, CANONICAL_SEED);
        assert_eq!(
            sha256(&file(&stream)),
            expected,
            "{} of {orders} orders",
            scenario.name
        );
    }
}

#[test]
fn small_streams_equal_the_referees() {
    assert_files_equal_the_referees(SMALL_ORDERS, SMALL_FILES);
}

#[test]
fn canonical_streams_equal_the_referees() {
    assert_files_equal_the_referees(CANONICAL_ORDERS, CANONICAL_FILES);
}

#[test]
fn the_canonical_stream_has_the_published_counts() {
    let stream = w1::generate(&SCENARIOS[0], CANONICAL_ORDERS, CANONICAL_SEED);
    assert_eq!(counts(&stream), [1_000_000, 150_234, 823_422, 172_675]);
    assert_eq!(stream.steps.len(), 1_996_097);
    assert!(stream.steps.is_sorted_by_key(|step| step.time_ns));
}

#[test]
fn the_widest_walk_stays_below_twice_its_start() {
    let stream = w1::generate(&SCENARIOS[4], CANONICAL_ORDERS, CANONICAL_SEED);
    let prices = stream.steps.iter().filter_map(|step| match step.action {
        Action::New { price_ticks, .. } => Some(price_ticks),
        _ => None,
    });
    let (lowest, highest) = (prices.clone().min().unwrap(), prices.max().unwrap());
    assert!(lowest >= 1 && highest < 2 * 33_504, "{lowest} to {highest}");
    assert!(highest > 2 * lowest, "{lowest} to {highest}");
}

#[test]
fn another_seed_gives_another_stream() {
    let stream = w1::generate(&SCENARIOS[1], SMALL_ORDERS, CANONICAL_SEED);
    let other = w1::generate(&SCENARIOS[1], SMALL_ORDERS, CANONICAL_SEED + 1);
    assert_ne!(stream.steps, other.steps);
}
