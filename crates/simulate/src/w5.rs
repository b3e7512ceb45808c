//! Liquibook's stream: adds alone, bought and sold in turn in a narrow band that crosses.

use outcry_protocol::{Side, TimeInForce};

use crate::flow::{Action, Step, own_account};
use crate::random::Random;

const LOWEST_BUY_TICKS: i64 = 1880;
const LOWEST_SELL_TICKS: i64 = 1884;
const BAND_TICKS: u32 = 10;
const LOT_STEP: u64 = 100;
const LARGEST_LOT_STEPS: u32 = 10;
const INTERVAL_NS: u64 = 1000;

/// Makes `orders` new orders, one a microsecond.
#[must_use]
pub fn generate(orders: usize, seed: u32) -> Vec<Step> {
    let mut random = Random::new(seed);
    (1..)
        .take(orders)
        .map(|order| step(order, &mut random))
        .collect()
}

fn step(order: u64, random: &mut Random) -> Step {
    let (side, lowest_ticks) = if order % 2 == 1 {
        (Side::Buy, LOWEST_BUY_TICKS)
    } else {
        (Side::Sell, LOWEST_SELL_TICKS)
    };
    let price_ticks = lowest_ticks + i64::from(random.below(BAND_TICKS));
    let quantity_lots = LOT_STEP * (1 + u64::from(random.below(LARGEST_LOT_STEPS)));
    let action = Action::New {
        order,
        account: own_account(order),
        side,
        price_ticks,
        quantity_lots,
        time_in_force: TimeInForce::Gtc,
    };
    Step {
        time_ns: order * INTERVAL_NS,
        action,
    }
}

#[cfg(test)]
mod tests {
    use super::generate;
    use outcry_protocol::{Side, TimeInForce};

    use crate::flow::Action;

    #[test]
    fn the_whole_band_is_used_and_nothing_outside_it() {
        let mut used = [[false; 10]; 2];
        for step in generate(10_000, 1) {
            let Action::New {
                order,
                side,
                price_ticks,
                quantity_lots,
                time_in_force,
                ..
            } = step.action
            else {
                panic!("adds alone, not {:?}", step.action);
            };
            let (index, lowest) = if side == Side::Buy {
                (0, 1880)
            } else {
                (1, 1884)
            };
            assert_eq!(index, (order - 1) % 2);
            assert_eq!(time_in_force, TimeInForce::Gtc);
            assert!((100..=1000).contains(&quantity_lots) && quantity_lots % 100 == 0);
            let offset = usize::try_from(price_ticks - lowest).unwrap();
            used[usize::from(side == Side::Sell)][offset] = true;
        }
        assert_eq!(used, [[true; 10]; 2]);
    }
}
