//! What is wrong with an argument or a trade.

use thiserror::Error;

/// An input that cannot be taken: the field, and what binds it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field}: {value} {bound}")]
pub struct InvalidInput {
    /// The argument's or the column's name.
    pub field: &'static str,
    /// The value, as text.
    pub value: String,
    /// What binds it, as `must be above 0`.
    pub bound: String,
}

impl InvalidInput {
    /// An input whose `field` has `value`, which `bound` forbids.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers give numbers, and a reference to one reads worse"
    )]
    pub fn new(field: &'static str, value: impl ToString, bound: impl Into<String>) -> Self {
        Self {
            field,
            value: value.to_string(),
            bound: bound.into(),
        }
    }
}
