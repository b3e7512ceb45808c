//! Average true range, smoothed.

use super::bar::Bar;

/// The mean of the first values, then a smoothing by a fixed share of each next one.
#[derive(Debug, Clone, Copy)]
struct Smoothed {
    length: u32,
    share: f64,
    seen: u32,
    value: f64,
}

impl Smoothed {
    const fn new(length: u32, share: f64) -> Self {
        Self {
            length,
            share,
            seen: 0,
            value: 0.0,
        }
    }

    fn update(&mut self, next: f64) -> Option<f64> {
        if self.seen < self.length {
            self.seen += 1;
            self.value += next / f64::from(self.length);
        } else {
            self.value += self.share * (next - self.value);
        }
        (self.seen == self.length).then_some(self.value)
    }
}

/// Wilder's average true range, smoothed once more by an exponential mean, as zones measure by.
///
/// Source: J. W. Wilder, New Concepts in Technical Trading Systems, 1978. Seeded by plain means, as
/// TA-Lib's `ATR` and `EMA` are; the first bar has no true range.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atr {
    range: Smoothed,
    mean: Smoothed,
    last_close: Option<i64>,
}

impl Atr {
    pub(super) fn new(length: u32, smoothing: u32) -> Self {
        Self {
            range: Smoothed::new(length, 1.0 / f64::from(length)),
            mean: Smoothed::new(smoothing, 2.0 / (f64::from(smoothing) + 1.0)),
            last_close: None,
        }
    }

    /// Takes a bar; `None` before there are enough.
    pub(super) fn update(&mut self, bar: &Bar) -> Option<f64> {
        let close = self.last_close.replace(bar.close)?;
        let true_range = bar.high.max(close) - bar.low.min(close);
        let range = self.range.update(true_range as f64)?;
        self.mean.update(range)
    }
}
