//! What the answers to an instrument's orders need of it.

use crate::figures::Figures;

/// An instrument, as far as its orders are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// Its symbol.
    pub symbol: String,
    /// The asset that is bought and sold.
    pub base: String,
    /// The asset that it is paid in.
    pub quote: String,
    /// How its numbers are told.
    pub figures: Figures,
}
