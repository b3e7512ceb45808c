//! Order flow: what buying and selling aggressors did.

mod cvd;
mod delta;
mod footprint;
mod footprint_bars;
mod ofi;
mod tick_rule;
mod vpin;

pub use cvd::{Anchor, Cvd};
pub use delta::{DeltaBar, DeltaBars};
pub use footprint::{Footprint, FootprintRow, footprint};
pub use footprint_bars::{FootprintBar, FootprintBars};
pub use ofi::{Ofi, Quote};
pub use tick_rule::TickRule;
pub use vpin::{Vpin, VpinBucket};
