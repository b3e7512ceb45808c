//! Makers: each keeps a few quotes on both sides of each instrument, around the fair price as it
//! sees it, and moves the ones that stand wrong.

use outcry_protocol::{RecordBuffer, Side};

use super::desk::{Desk, Wish};
use super::known::{Order, Slot};
use super::world::{FIRST_ACCOUNT, MAKERS, SPECS};

/// Quotes on one side of one instrument.
const LEVELS: usize = 6;
const QUOTES: usize = 2 * LEVELS;
/// Of all makers.
pub(super) const SLOTS: usize = MAKERS as usize * SPECS.len() * QUOTES;

/// From the fair price to the first quote, as a share of it.
const HALF_SPREAD: f64 = 0.000_06;
/// From one quote to the next.
const STEP: f64 = 0.000_05;
/// How differently makers see the fair price.
const OPINION: f64 = 0.000_015;
/// How far a maker who has far too much of one asset moves its quotes.
const SKEW: f64 = 0.000_05;
/// A quote is moved when it stands wrong by this share of the price.
const TOLERANCE: f64 = 0.000_012;
/// Quotes looked at in one turn.
const LOOKS: usize = 4;
/// What a quote is worth, in smallest units of the quote asset, at least and at most.
const QUOTE_VALUE: (f64, f64) = (2_000e8, 60_000e8);

/// One turn: the first quote that is found missing or wrong is set right; where all stand well, one
/// is made smaller or withdrawn. Answers whether there is a command.
pub(super) fn act(desk: &mut Desk, trader: u32, records: &mut RecordBuffer) -> bool {
    let market = desk.any_market();
    let first = desk.random.below(QUOTES as u32) as usize;
    let opinion = OPINION * desk.random.normal() + skew(desk, trader, market);
    let mut standing = None;
    for look in 0..LOOKS {
        let quote = (first + look) % QUOTES;
        let slot = (trader as usize * SPECS.len() + market) * QUOTES + quote;
        let wish = wanted(desk, trader, market, quote, opinion);
        match desk.known.slot(slot) {
            Slot::Empty => {
                if let Some(lots) = desk.affordable_lots(&wish) {
                    let wish = Wish { lots, ..wish };
                    desk.send_quote(&wish, slot, records);
                    return true;
                }
            }
            Slot::Live(order_id) => {
                if is_wrong(desk, order_id, &wish) {
                    move_to(desk, order_id, &wish, records);
                    return true;
                }
                let is_free = desk.known.order(order_id).is_some_and(Order::is_free);
                standing = standing.or(is_free.then_some(order_id));
            }
            Slot::Sent => {}
        }
    }
    if let Some(order_id) = standing {
        shrink_or_leave(desk, order_id, records);
    }
    standing.is_some()
}

/// The quote as it should stand.
fn wanted(desk: &mut Desk, trader: u32, market: usize, quote: usize, opinion: f64) -> Wish {
    let level = (quote / 2) as u32;
    let distance = HALF_SPREAD + STEP * f64::from(level);
    let (side, share) = if quote.is_multiple_of(2) {
        (Side::Buy, opinion - distance)
    } else {
        (Side::Sell, opinion + distance)
    };
    let value = desk.within(QUOTE_VALUE.0, QUOTE_VALUE.1) * f64::from(1 + level);
    let market_now = &desk.markets[market];
    Wish {
        trader,
        market,
        side,
        price_ticks: market_now.price_ticks(share),
        lots: market_now.lots_for(value as i128),
    }
}

/// Who has more of the base asset than of the other quotes lower, and the other way round.
fn skew(desk: &Desk, trader: u32, market: usize) -> f64 {
    let account = FIRST_ACCOUNT + trader;
    let spec = &SPECS[market];
    let base_units = desk.known.free(account, spec.base);
    let price_ticks = desk.markets[market].price_ticks(0.0);
    let base_worth = spec.value(1, price_ticks) * (base_units / spec.lot_unit);
    let quote_worth = desk.known.free(account, spec.quote) / SPECS.len() as i128;
    let both = (base_worth + quote_worth).max(1);
    // In a thousand, so that it is exact as a real.
    let excess = (1_000 * (quote_worth - base_worth) / both).clamp(-1_000, 1_000) as i32;
    SKEW * f64::from(excess) / 1_000.0
}

fn is_wrong(desk: &Desk, order_id: u64, wish: &Wish) -> bool {
    let Some(order) = desk.known.order(order_id) else {
        return false;
    };
    let off_ticks = i32::try_from(order.price_ticks.abs_diff(wish.price_ticks)).unwrap_or(i32::MAX);
    let tolerated = desk.markets[wish.market].fair() * TOLERANCE;
    let is_small = order.open_lots < wish.lots / 8;
    order.is_free() && (is_small || f64::from(off_ticks) > tolerated)
}

fn move_to(desk: &mut Desk, order_id: u64, wish: &Wish, records: &mut RecordBuffer) {
    let open_lots = desk
        .known
        .order(order_id)
        .map_or(1, |order| order.open_lots);
    let lots = match desk.affordable_lots(wish) {
        // A quote that has shrunk is filled up again; others keep their quantity.
        Some(lots) if open_lots < wish.lots / 8 => open_lots + lots,
        _ => open_lots,
    };
    desk.replace(order_id, wish.price_ticks, lots, records);
}

/// A quote that stands well loses some of its quantity, or is withdrawn.
fn shrink_or_leave(desk: &mut Desk, order_id: u64, records: &mut RecordBuffer) {
    let order = *desk.known.order(order_id).expect("a live quote");
    if desk.chance(3) || order.open_lots < 4 {
        return desk.cancel(order_id, records);
    }
    let lots = order.open_lots - order.open_lots / 4;
    desk.replace(order_id, order.price_ticks, lots, records);
}
