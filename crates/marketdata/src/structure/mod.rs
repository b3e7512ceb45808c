//! Structure of the market: profiles, gaps, zones, swing points. What is found is told at the
//! close that confirms it, never before.

#![expect(
    clippy::cast_precision_loss,
    reason = "ratios of prices are for people and for thresholds; no price is made of them"
)]

mod atr;
mod bar;
mod gaps;
mod profile;
mod swings;
mod zones;

pub use bar::Bar;
pub use gaps::{Gap, GapRule, Gaps};
pub use profile::{Expansion, ValueArea, value_area};
pub use swings::{Swing, Swings};
pub use zones::{Zone, ZoneRule, ZoneState, Zones};
