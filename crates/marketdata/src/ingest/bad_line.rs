//! Why a line is not taken.

/// What a line says of a trade; `Line` where the whole line is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The line as a whole.
    Line,
    /// The instrument's name.
    Symbol,
    /// Whose trade it is.
    Account,
    /// The trade's id.
    TradeId,
    /// When it was.
    Time,
    /// At which price.
    Price,
    /// How much.
    Quantity,
    /// Price times quantity, as the source gives it.
    Value,
    /// Who was the aggressor.
    Side,
}

impl Field {
    /// The field's name in messages and in the quarantine.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Symbol => "symbol",
            Self::Account => "account",
            Self::TradeId => "trade_id",
            Self::Time => "time",
            Self::Price => "price",
            Self::Quantity => "quantity",
            Self::Value => "value",
            Self::Side => "side",
        }
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The line is not written in the format: broken JSON, another count of columns.
    Malformed,
    /// The line is longer than the bound.
    TooLong,
    /// The field is not there or empty.
    Missing,
    /// The text is no number.
    NoNumber,
    /// The number is below zero.
    Negative,
    /// The number is zero.
    Zero,
    /// The text says that it is not a number.
    Nan,
    /// The text says that it is infinite.
    Infinite,
    /// It has more decimals than the declared scale, or than can be held.
    OverPrecise,
    /// It does not fit in 128 bits, of whole numbers in 64.
    TooLarge,
    /// The side is none of the words that the map knows.
    UnknownSide,
    /// The text is no time.
    NoTime,
    /// The time lies further back than the bound.
    TimeBack,
    /// The time lies further ahead than the bound.
    TimeAhead,
}

impl Reason {
    /// The reason's name in messages and in the quarantine.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLong => "too_long",
            Self::Missing => "missing",
            Self::NoNumber => "no_number",
            Self::Negative => "negative",
            Self::Zero => "zero",
            Self::Nan => "nan",
            Self::Infinite => "infinite",
            Self::OverPrecise => "over_precise",
            Self::TooLarge => "too_large",
            Self::UnknownSide => "unknown_side",
            Self::NoTime => "no_time",
            Self::TimeBack => "time_back",
            Self::TimeAhead => "time_ahead",
        }
    }
}

/// A line that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number in the source, from 1.
    pub number: u64,
    /// What of it is wrong.
    pub field: Field,
    /// Why.
    pub reason: Reason,
    /// The line itself, cut where it is long.
    pub text: Vec<u8>,
}

impl BadLine {
    /// So much of a line is kept.
    const TEXT_MAX: usize = 256;

    pub(crate) fn new(number: u64, field: Field, reason: Reason, line: &[u8]) -> Self {
        let text = line[..line.len().min(Self::TEXT_MAX)].to_vec();
        Self {
            number,
            field,
            reason,
            text,
        }
    }
}
