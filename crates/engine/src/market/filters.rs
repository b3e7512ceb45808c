//! The filters of an instrument, in the order in which the rules list them.

use super::book::{Book, key_of};
use super::ladder::NO_KEY;
use super::order::{Order, WorstPrice};
use super::orders::Orders;
use crate::refusal::{Refusal, within};
use outcry_protocol::{RejectReason as R, Side};

/// 10^6 parts.
const PPM: u64 = 1_000_000;

/// What the filters look at in an order that comes or is replaced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measures {
    pub(crate) account: u32,
    /// The limit, 0 for none.
    pub(crate) price_ticks: i64,
    /// The stop; one that trails from too far below the market is no price.
    pub(crate) stop_ticks: Option<i64>,
    /// The quantity, 0 for an order by amount.
    pub(crate) quantity_lots: u64,
    pub(crate) notional: Notional,
    /// 0 for all.
    pub(crate) display_lots: u64,
    /// Whether it waits.
    pub(crate) waits: bool,
    /// Orders of the same command that are counted before it, and how many of them are stops.
    pub(crate) before: (u32, u32),
}

/// What a notional is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Notional {
    /// Quantity times this price.
    AtPrice(i64),
    /// This amount in smallest units.
    Amount(u128),
    /// Not to be told yet.
    Unknown,
}

impl Book {
    /// The reference price: the one set, else the last trade, else 0.
    #[inline(always)]
    pub(crate) fn reference(&self) -> i64 {
        if self.set_reference() == 0 {
            self.last_trade()
        } else {
            self.set_reference()
        }
    }

    /// The reference price of a market order: failing all else the best opposite price, or 0.
    pub(crate) fn market_reference(&self, orders: &Orders, side: Side, time_ns: u64) -> i64 {
        let reference = self.reference();
        if reference != 0 {
            return reference;
        }
        match self.best_live_key(orders, side.opposite(), time_ns) {
            NO_KEY => 0,
            key => key.abs(),
        }
    }

    /// The band and clamp that a market order would have now.
    pub(crate) fn worst_price(&self) -> WorstPrice {
        WorstPrice {
            lower_ticks: self.definition.price_min_ticks,
            upper_ticks: self.definition.price_max_ticks,
            band_ppm: self.limits.market_band_ppm,
        }
    }

    /// The lowest and the highest price that pass the price filters now.
    pub(crate) fn passing_prices(&self) -> (i64, i64) {
        let (min, max) = (
            self.definition.price_min_ticks,
            self.definition.price_max_ticks,
        );
        let (reference, band) = (self.reference(), self.limits.band_ppm);
        if reference == 0 || band == 0 {
            return (min, max);
        }
        let lowest = band_edge(Side::Sell, reference, band);
        let highest = band_edge(Side::Buy, reference, band);
        (min.max(lowest), max.min(highest))
    }

    /// Whether a plain limit order passes every filter: one branch for the common case. Where the
    /// answer is no, [`Self::check_filters`] has the last word.
    #[inline(always)]
    pub(crate) fn passes_plainly(&self, price_ticks: i64, quantity_lots: u64) -> bool {
        let (lowest, highest) = self.prices;
        let price = (price_ticks >= lowest) & (price_ticks <= highest);
        let definition = &self.definition;
        let quantity = (quantity_lots >= definition.quantity_min_lots)
            & (quantity_lots <= definition.quantity_max_lots);
        let value = u128::from(price_ticks.cast_unsigned()) * u128::from(quantity_lots);
        let notional = (value >= self.value_min) & (value <= self.value_max);
        let uncounted = self.counts.is_none() & (self.open_orders < self.orders_max);
        price & quantity & notional & uncounted
    }

    /// Checks every filter. `replaced` is left out of the counts.
    #[cold]
    pub(crate) fn check_filters(
        &self,
        orders: &Orders,
        measures: &Measures,
        replaced: Option<&Order>,
        time_ns: u64,
    ) -> Result<(), Refusal> {
        if measures.price_ticks != 0 {
            self.check_price(measures.price_ticks)?;
        }
        if let Some(stop_ticks) = measures.stop_ticks {
            self.check_price(stop_ticks)?;
        }
        let quantity = measures.quantity_lots;
        if quantity != 0 {
            let (min, max) = (
                self.definition.quantity_min_lots,
                self.definition.quantity_max_lots,
            );
            within(quantity >= min, R::QuantityBelowMinimum, min)?;
            within(quantity <= max, R::QuantityAboveMaximum, max)?;
        }
        self.check_notional(measures)?;
        if measures.display_lots != 0 && self.definition.iceberg_parts_max != 0 {
            let most = u64::from(self.definition.iceberg_parts_max);
            let parts = quantity.div_ceil(measures.display_lots);
            within(parts <= most, R::TooManyIcebergParts, most)?;
        }
        self.check_counts(orders, measures, replaced, time_ns)
    }

    pub(super) fn check_price(&self, price: i64) -> Result<(), Refusal> {
        let (min, max) = (
            self.definition.price_min_ticks,
            self.definition.price_max_ticks,
        );
        within(price >= min, R::PriceBelowMinimum, min.cast_unsigned())?;
        within(price <= max, R::PriceAboveMaximum, max.cast_unsigned())?;
        let (lowest, highest) = self.prices;
        within(price >= lowest, R::PriceBelowBand, lowest.cast_unsigned())?;
        within(price <= highest, R::PriceAboveBand, highest.cast_unsigned())
    }

    pub(super) fn check_notional(&self, measures: &Measures) -> Result<(), Refusal> {
        let (min, max) = (self.limits.notional_min(), self.limits.notional_max());
        let (above, below) = match measures.notional {
            Notional::AtPrice(price) => {
                let lots = u128::from(measures.quantity_lots);
                let value = lots * u128::from(price.cast_unsigned());
                (value >= self.value_min, value <= self.value_max)
            }
            Notional::Amount(amount) => (amount >= min, amount <= max),
            Notional::Unknown => return Ok(()),
        };
        within(above, R::NotionalBelowMinimum, min as u64)?;
        within(below, R::NotionalAboveMaximum, max as u64)
    }

    fn check_counts(
        &self,
        orders: &Orders,
        measures: &Measures,
        replaced: Option<&Order>,
        time_ns: u64,
    ) -> Result<(), Refusal> {
        let limits = &self.limits;
        let any = limits.account_orders_max
            | limits.orders_max
            | limits.account_stops_max
            | limits.stops_max;
        if any == 0 {
            return Ok(());
        }
        let counted = self
            .counts
            .as_ref()
            .map(|counts| counts.get(measures.account));
        let mut account = counted.unwrap_or_default();
        let (mut open, mut waiting) = (self.open_orders, self.waiting);
        let mut leave_out = |order: &Order| {
            let stop = u32::from(orders.counts_as_stop(order));
            let own = u32::from(order.account == measures.account);
            open -= 1;
            waiting -= stop;
            account.orders = account.orders.saturating_sub(own);
            account.stops = account.stops.saturating_sub(own * stop);
        };
        if let Some(order) = replaced {
            leave_out(order);
        }
        if orders.has_due(time_ns) {
            let due = orders
                .due(time_ns)
                .filter(|order| order.instrument == self.instrument);
            due.for_each(leave_out);
        }
        let (orders_before, stops_before) = measures.before;
        open += orders_before;
        waiting += stops_before;
        account.orders += orders_before;
        account.stops += stops_before;
        below(
            account.orders,
            limits.account_orders_max,
            R::TooManyAccountOrders,
        )?;
        below(open, limits.orders_max, R::TooManyOrders)?;
        if measures.waits {
            below(
                account.stops,
                limits.account_stops_max,
                R::TooManyAccountStops,
            )?;
            below(waiting, limits.stops_max, R::TooManyStops)?;
        }
        Ok(())
    }

    /// Whether a limit order would take now.
    #[inline(always)]
    pub(crate) fn would_take(
        &self,
        orders: &Orders,
        side: Side,
        price_ticks: i64,
        time_ns: u64,
    ) -> bool {
        let opposite = side.opposite();
        self.best_live_key(orders, opposite, time_ns) <= key_of(opposite, price_ticks)
    }
}

#[inline(always)]
fn below(count: u32, max: u32, reason: R) -> Result<(), Refusal> {
    within(max == 0 || count < max, reason, u64::from(max))
}

impl WorstPrice {
    /// The worst price of a market order of this side around a price.
    pub(crate) fn around(&self, side: Side, price_ticks: i64) -> i64 {
        let edge = match (self.band_ppm, side) {
            (0, Side::Buy) => self.upper_ticks,
            (0, Side::Sell) => self.lower_ticks,
            (band, _) => band_edge(side, price_ticks, band),
        };
        edge.clamp(self.lower_ticks, self.upper_ticks)
    }
}

/// The edge of a band: above the price rounded down for a buy, below it rounded up for a sell.
fn band_edge(side: Side, price_ticks: i64, band_ppm: u32) -> i64 {
    let (parts, rounding) = match side {
        Side::Buy => (PPM + u64::from(band_ppm), 0),
        Side::Sell => (PPM - u64::from(band_ppm), PPM - 1),
    };
    let price = price_ticks.cast_unsigned();
    if price < 1 << 42 {
        return ((price * parts + rounding) / PPM).cast_signed();
    }
    let wide = u128::from(price) * u128::from(parts) + u128::from(rounding);
    i64::try_from(wide / u128::from(PPM)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_and_wide_arithmetic_agree() {
        let price = (1 << 42) + 7;
        assert_eq!(band_edge(Side::Buy, price, 500_000), price + price / 2);
        assert_eq!(band_edge(Side::Sell, price, 500_000), price - price / 2);
    }

    #[test]
    fn a_band_is_rounded_toward_its_price() {
        assert_eq!(band_edge(Side::Buy, 101, 50_000), 106);
        assert_eq!(band_edge(Side::Sell, 101, 50_000), 96);
        let worst = WorstPrice {
            lower_ticks: 98,
            upper_ticks: 104,
            band_ppm: 50_000,
        };
        assert_eq!(worst.around(Side::Buy, 101), 104);
        assert_eq!(worst.around(Side::Sell, 101), 98);
    }
}
