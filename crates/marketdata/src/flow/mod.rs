//! Order flow: what buying and selling aggressors did. That of quotes is
//! [`crate::book::OrderFlowImbalance`].

mod cvd;
mod delta;
mod footprint;
mod footprint_bars;
mod tick_rule;
mod vpin;

pub use cvd::{Anchor, Cvd};
pub use delta::{DeltaBar, DeltaBars};
pub use footprint::{Footprint, FootprintRow, footprint};
pub use footprint_bars::{FootprintBar, FootprintBars};
pub use tick_rule::TickRule;
pub use vpin::{Vpin, VpinBucket};
