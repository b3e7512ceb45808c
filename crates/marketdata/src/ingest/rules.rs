//! How a source writes its trades, and which of them are believed.

use super::bad_line::Reason;
use super::time::TimeUnit;

/// What a source calls the sides of the aggressor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideWords {
    buy: Vec<Vec<u8>>,
    sell: Vec<Vec<u8>>,
}

impl SideWords {
    /// The words for a buying and for a selling aggressor.
    pub fn new<W: AsRef<[u8]>>(buy: &[W], sell: &[W]) -> Self {
        let owned = |words: &[W]| words.iter().map(|word| word.as_ref().to_vec()).collect();
        Self {
            buy: owned(buy),
            sell: owned(sell),
        }
    }

    /// 1 for a word that says buy, -1 for one that says sell.
    #[inline]
    pub(crate) fn side(&self, word: &[u8]) -> Result<i8, Reason> {
        if self.buy.iter().any(|known| known.as_slice() == word) {
            Ok(1)
        } else if self.sell.iter().any(|known| known.as_slice() == word) {
            Ok(-1)
        } else if word.is_empty() {
            Err(Reason::Missing)
        } else {
            Err(Reason::UnknownSide)
        }
    }
}

/// The rules of one source.
#[derive(Debug, Clone)]
pub struct TradeRules {
    /// Decimals of prices; `None` finds the greatest that is shown.
    pub price_scale: Option<u8>,
    /// Decimals of quantities.
    pub quantity_scale: Option<u8>,
    /// Decimals of values.
    pub value_scale: Option<u8>,
    /// What a number counts when it is a time.
    pub time_unit: TimeUnit,
    /// The words for the sides.
    pub sides: SideWords,
    /// So far behind the trade before it in the source a time may lie that no other agrees with.
    pub back_max_ns: i64,
    /// So far ahead of it the last time of a source may lie.
    pub ahead_max_ns: i64,
}
