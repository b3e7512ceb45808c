//! The flows by name.

use outcry_protocol::RecordBuffer;

use crate::encode::{Commands, encode, setup};
use crate::exchange;
use crate::live_book::{self, MID_TICKS};
use crate::mixed::Mixed;
use crate::w1::{self, SCENARIOS, Scenario};
use crate::{w2, w5};

/// The mid price at which every W1 stream starts.
const W1_REFERENCE_TICKS: i64 = 33_504;
const W5_REFERENCE_TICKS: i64 = 1887;
const LIVE_ORDERS: usize = 1_000_000;
const LIVE_LEVELS_A_SIDE: u32 = 50_000;

/// A flow with a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Workload {
    /// [`w1`], of one scenario.
    W1(Scenario),
    /// [`w2`], with exchange-core's target of 1,000 orders.
    W2,
    /// [`exchange`], without a deep book: it needs an engine with money.
    Exchange,
    /// [`w5`].
    W5,
    /// [`live_book`] of 1,000,000 orders on 100,000 levels.
    LiveBook,
    /// [`mixed`](crate::mixed).
    Mixed,
}

impl Workload {
    /// Every workload.
    pub const ALL: [Self; 10] = [
        Self::W1(SCENARIOS[0]),
        Self::W1(SCENARIOS[1]),
        Self::W1(SCENARIOS[2]),
        Self::W1(SCENARIOS[3]),
        Self::W1(SCENARIOS[4]),
        Self::W2,
        Self::Exchange,
        Self::W5,
        Self::LiveBook,
        Self::Mixed,
    ];

    /// The name: `w1/` and the scenario, `w2`, `exchange`, `w5`, `live_book`, `mixed`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::W1(scenario) => format!("w1/{}", scenario.name),
            Self::W2 => "w2".to_owned(),
            Self::Exchange => "exchange".to_owned(),
            Self::W5 => "w5".to_owned(),
            Self::LiveBook => "live_book".to_owned(),
            Self::Mixed => "mixed".to_owned(),
        }
    }

    /// The workload of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|workload| workload.name() == name)
    }

    /// The seed that its published figures use, or 1.
    #[must_use]
    pub const fn usual_seed(&self) -> u32 {
        match self {
            Self::W1(_) => w1::CANONICAL_SEED,
            Self::W2 | Self::Exchange => w2::CANONICAL_SEED.cast_unsigned(),
            Self::W5 | Self::LiveBook | Self::Mixed => 1,
        }
    }

    /// The count that its published figures use.
    #[must_use]
    pub const fn usual_count(&self) -> usize {
        match self {
            Self::W1(_) => w1::CANONICAL_ORDERS,
            Self::W2 | Self::Exchange => w2::CANONICAL_SHAPE.commands,
            Self::W5 | Self::Mixed => 1_000_000,
            Self::LiveBook => 3_000_000,
        }
    }

    /// Whether its accounts hold funds, so that it needs an engine with money.
    #[must_use]
    pub const fn has_money(&self) -> bool {
        matches!(self, Self::Exchange)
    }

    /// Makes the workload. `count` is the number of new orders of W1 (about twice as many commands)
    /// and W5, and of the commands behind the first book of the others.
    ///
    /// # Panics
    /// When `count` is below 2 for W1, or above what 32 bits can number.
    #[must_use]
    pub fn commands(&self, seed: u32, count: usize) -> Commands {
        let (reference_ticks, book, flow) = match self {
            Self::W1(scenario) => (
                W1_REFERENCE_TICKS,
                Vec::new(),
                w1::generate(scenario, count, seed).steps,
            ),
            Self::W2 => {
                let shape = w2::Shape {
                    commands: count,
                    ..w2::CANONICAL_SHAPE
                };
                let flow = w2::generate(&shape, seed.cast_signed());
                (flow.start_price_ticks, flow.prefill, flow.commands)
            }
            Self::W5 => (W5_REFERENCE_TICKS, Vec::new(), w5::generate(count, seed)),
            Self::LiveBook => {
                let shape = live_book::Shape {
                    resting_orders: LIVE_ORDERS,
                    levels_a_side: LIVE_LEVELS_A_SIDE,
                    messages: count,
                };
                let flow = live_book::generate(&shape, seed);
                (MID_TICKS, flow.book, flow.messages)
            }
            Self::Exchange => return exchange::commands(seed, count, 0),
            Self::Mixed => return mixed_commands(seed, count),
        };
        let mut setup = setup(reference_ticks);
        setup.extend(encode(&book).as_bytes());
        Commands {
            setup,
            flow: encode(&flow),
        }
    }
}

fn mixed_commands(seed: u32, count: usize) -> Commands {
    let mut mixed = Mixed::new(seed);
    let mut flow = RecordBuffer::default();
    for _ in 0..count {
        mixed.next_command(&mut flow);
    }
    Commands {
        setup: Mixed::setup(),
        flow,
    }
}

/// A workload as a command log file.
///
/// # Panics
/// As [`Workload::commands`].
#[must_use]
pub fn command_log(workload: &Workload, seed: u32, count: usize) -> Vec<u8> {
    workload.commands(seed, count).to_log()
}
