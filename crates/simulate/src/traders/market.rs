//! A fair price that drifts: what makers quote around, and what takers hold their orders against.

use super::world::Spec;
use crate::random::Random;

/// A pause of the caller moves the price no more than this does.
const LONGEST_STEP_SECONDS: f64 = 1.0;
/// A trend loses two thirds of itself in this time.
const TREND_SECONDS: f64 = 20.0;
/// How strong a trend is beside the noise, a second.
const TREND_SHARE: f64 = 0.5;
/// The pull back to the start, a second: in hours, not in minutes.
const PULL: f64 = 0.000_1;
/// Prices stay within a third and three times the start.
const FARTHEST: f64 = 1.1;

#[derive(Clone, Debug)]
pub(super) struct Market {
    pub(super) spec: Spec,
    /// The logarithm of the fair price as a multiple of the start.
    distance: f64,
    /// By how much the distance grows in a second.
    trend: f64,
}

impl Market {
    pub(super) const fn new(spec: Spec) -> Self {
        Self {
            spec,
            distance: 0.0,
            trend: 0.0,
        }
    }

    /// The fair price, in ticks and parts of a tick.
    pub(super) fn fair(&self) -> f64 {
        ticks_as_real(self.spec.start_ticks) * libm::exp(self.distance)
    }

    /// Starts again from a price.
    pub(super) fn start_from(&mut self, price_ticks: i64) {
        let multiple = ticks_as_real(price_ticks) / ticks_as_real(self.spec.start_ticks);
        self.distance = libm::log(multiple).clamp(-FARTHEST, FARTHEST);
    }

    /// Lets time pass.
    pub(super) fn drift(&mut self, seconds: f64, random: &mut Random) {
        let seconds = seconds.min(LONGEST_STEP_SECONDS);
        let spread = self.spec.volatility * libm::sqrt(seconds);
        let decay = libm::exp(-seconds / TREND_SECONDS);
        self.trend = self.trend * decay + TREND_SHARE * spread * random.normal() / TREND_SECONDS;
        self.distance += spread * random.normal() + (self.trend - PULL * self.distance) * seconds;
        self.distance = self.distance.clamp(-FARTHEST, FARTHEST);
    }

    /// The price at a share of the fair price above it, at least one tick.
    pub(super) fn price_ticks(&self, share_above: f64) -> i64 {
        // Prices are below 2^30 ticks, so the truncation cuts the fraction alone.
        let price_ticks = libm::round(self.fair() * (1.0 + share_above)) as i64;
        price_ticks.max(1)
    }

    /// How many lots are worth so many of dollars' smallest units at the fair price, at least one.
    pub(super) fn lots_for(&self, dollar_units: i128) -> u64 {
        let quote_units = self.spec.quote_units(dollar_units);
        let of_one = self.spec.value(1, self.price_ticks(0.0));
        u64::try_from(quote_units / of_one).map_or(1, |lots| lots.max(1))
    }
}

/// A price as a real, for what is random anyway.
#[expect(clippy::cast_precision_loss, reason = "prices are below 2^52 ticks")]
pub(super) const fn ticks_as_real(price_ticks: i64) -> f64 {
    price_ticks as f64
}
