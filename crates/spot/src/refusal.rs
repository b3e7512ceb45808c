//! Why a new order cannot be read.

/// What is wrong with a field, in the kinds that the API has codes and texts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It must be there.
    Missing(&'static str),
    /// It is there and says nothing.
    Empty(&'static str),
    /// It is not of this pattern.
    Illegal(&'static str, &'static str),
    /// The order has no place for it.
    NotRequired(&'static str),
    /// Its value is none that there is.
    NotValid(&'static str),
    /// It has more decimals than any number of its instrument.
    TooPrecise(&'static str),
    /// What the API has a code and a text of its own for.
    Said(i32, &'static str),
}
