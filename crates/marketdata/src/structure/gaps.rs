//! Fair value gaps and what becomes of them.
//!
//! Of three bars in a row, a bullish gap lies between the first's high and the third's low, where
//! the third stays above the first: nobody traded there against the move. It is confirmed at the
//! third's close and mirrored for falling prices.

use super::bar::Bar;
use crate::error::InvalidInput;

/// More gaps open at once than this are refused: the oldest are given up.
const OPEN_MAX: usize = 100_000;

/// When three bars make a gap. Inequalities are strict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GapRule {
    /// What the middle bar must do. `true`: close beyond the first's extreme, as `LuxAlgo` has it.
    /// `false`: close in the direction of the gap, as smart-money-concepts has it.
    pub close_beyond: bool,
    /// The least height as a share of the first bar's extreme.
    pub threshold: f64,
    /// The distance of consecutive bars; bars further apart make no gap. 0 takes any.
    pub step_ns: i64,
}

/// A gap, and how much of it is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Whether prices rose.
    pub is_bullish: bool,
    /// Close time of the bar that confirmed it, the third.
    pub confirmed_ns: i64,
    /// Upper edge.
    pub top: i64,
    /// Lower edge.
    pub bottom: i64,
    /// Open time of the first bar behind it to reach its near edge.
    pub touched_ns: Option<i64>,
    /// ... its middle.
    pub half_ns: Option<i64>,
    /// ... its far edge.
    pub filled_ns: Option<i64>,
    /// The price furthest into it, from the near edge on.
    pub deepest: i64,
}

impl Gap {
    /// How much of it was filled, from 0 to 1.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        let near = if self.is_bullish {
            self.top
        } else {
            self.bottom
        };
        let reach = near
            .abs_diff(self.deepest)
            .min(self.top.abs_diff(self.bottom));
        reach as f64 / self.top.abs_diff(self.bottom) as f64
    }

    fn mirrored(&self) -> Self {
        Self {
            top: -self.bottom,
            bottom: -self.top,
            deepest: -self.deepest,
            ..*self
        }
    }

    /// Takes a bar behind a bullish gap.
    fn meet(&mut self, bar: &Bar) {
        let reaches = |level: i128, seen: &mut Option<i64>| {
            if seen.is_none() && 2 * i128::from(bar.low) <= level {
                *seen = Some(bar.open_time_ns);
            }
        };
        let (top, bottom) = (i128::from(self.top), i128::from(self.bottom));
        reaches(2 * top, &mut self.touched_ns);
        reaches(top + bottom, &mut self.half_ns);
        reaches(2 * bottom, &mut self.filled_ns);
        self.deepest = self.deepest.min(bar.low);
    }
}

/// The gaps of one direction, in mirrored prices for falling ones.
#[derive(Debug, Clone, Default)]
struct Rising {
    /// Numbers and gaps that are not filled.
    open: Vec<(u32, Gap)>,
    /// A low above this changes none of them.
    watched: i64,
}

impl Rising {
    fn meet(&mut self, bar: &Bar, changed: &mut Vec<(u32, Gap)>, mirror: bool) {
        if self.open.is_empty() || bar.low > self.watched {
            return;
        }
        for (number, gap) in &mut self.open {
            // The near edge itself counts as touched, though nothing of it is filled then.
            if bar.low < gap.deepest || (gap.touched_ns.is_none() && bar.low <= gap.deepest) {
                gap.meet(bar);
                changed.push((*number, if mirror { gap.mirrored() } else { *gap }));
            }
        }
        self.open.retain(|(_, gap)| gap.filled_ns.is_none());
        self.set_watched();
    }

    fn set_watched(&mut self) {
        self.watched = self
            .open
            .iter()
            .map(|(_, gap)| gap.deepest)
            .max()
            .unwrap_or(i64::MIN);
    }
}

/// Finds gaps bar by bar and follows them until they are filled.
#[derive(Debug, Clone)]
pub struct Gaps {
    rule: GapRule,
    last: [Option<Bar>; 2],
    found: u32,
    rising: Rising,
    falling: Rising,
}

impl Gaps {
    /// No bars yet.
    ///
    /// # Errors
    /// When the threshold is below 0 or no number, or the step is below 0.
    pub fn new(rule: GapRule) -> Result<Self, InvalidInput> {
        if !rule.threshold.is_finite() || rule.threshold < 0.0 {
            return Err(InvalidInput::new(
                "threshold",
                rule.threshold,
                "must be at least 0",
            ));
        }
        if rule.step_ns < 0 {
            return Err(InvalidInput::new(
                "interval",
                rule.step_ns,
                "must not be below 0",
            ));
        }
        let (rising, falling) = (Rising::default(), Rising::default());
        Ok(Self {
            rule,
            last: [None, None],
            found: 0,
            rising,
            falling,
        })
    }

    /// Takes a closed bar. `changed` gets each gap that it touches further and the one that it
    /// confirms, by the gap's number, from 0.
    pub fn update(&mut self, bar: Bar, changed: &mut Vec<(u32, Gap)>) {
        self.rising.meet(&bar, changed, false);
        self.falling.meet(&bar.mirrored(), changed, true);
        if let [Some(first), Some(middle)] = self.last {
            let mirrored = [first.mirrored(), middle.mirrored(), bar.mirrored()];
            if let Some(gap) = self.rule.gap([first, middle, bar], true) {
                changed.push((self.found, gap));
                Self::keep(&mut self.rising, &mut self.found, gap);
            } else if let Some(gap) = self.rule.gap(mirrored, false) {
                changed.push((self.found, gap.mirrored()));
                Self::keep(&mut self.falling, &mut self.found, gap);
            }
        }
        self.last = [self.last[1], Some(bar)];
    }

    /// What this bar would change if it closed as it is.
    #[must_use]
    pub fn peek(&self, bar: Bar) -> Vec<(u32, Gap)> {
        let mut changed = Vec::new();
        self.clone().update(bar, &mut changed);
        changed
    }

    fn keep(rising: &mut Rising, found: &mut u32, gap: Gap) {
        if rising.open.len() >= OPEN_MAX {
            rising.open.remove(0);
        }
        rising.open.push((*found, gap));
        rising.set_watched();
        *found += 1;
    }
}

impl GapRule {
    /// The gap of three bars that rise. Of mirrored ones the shares are of the true prices.
    fn gap(&self, [first, middle, third]: [Bar; 3], is_bullish: bool) -> Option<Gap> {
        let height = i128::from(third.low) - i128::from(first.high);
        let agrees = if self.close_beyond {
            middle.close > first.high
        } else {
            middle.close > middle.open
        };
        let is_far = self.step_ns > 0
            && (middle.open_time_ns - first.open_time_ns != self.step_ns
                || third.open_time_ns - middle.open_time_ns != self.step_ns);
        let base = if is_bullish { first.high } else { third.low };
        let is_small = self.threshold > 0.0 && height as f64 / base.abs() as f64 <= self.threshold;
        (height > 0 && agrees && !is_far && !is_small).then_some(Gap {
            is_bullish,
            confirmed_ns: third.close_time_ns,
            top: third.low,
            bottom: first.high,
            touched_ns: None,
            half_ns: None,
            filled_ns: None,
            deepest: third.low,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: GapRule = GapRule {
        close_beyond: true,
        threshold: 0.0,
        step_ns: 1,
    };

    fn bar(time: i64, open: i64, high: i64, low: i64, close: i64) -> Bar {
        Bar {
            open_time_ns: time,
            close_time_ns: time + 5,
            open,
            high,
            low,
            close,
        }
    }

    fn run(rule: GapRule, bars: &[Bar]) -> Vec<(u32, Gap)> {
        let (mut gaps, mut changed) = (Gaps::new(rule).unwrap(), Vec::new());
        for bar in bars {
            assert_eq!(gaps.peek(*bar).len(), {
                let before = changed.len();
                gaps.update(*bar, &mut changed);
                changed.len() - before
            });
        }
        changed
    }

    #[test]
    fn a_gap_is_touched_half_filled_and_filled() {
        let bars = [
            bar(0, 95, 100, 90, 99),
            bar(1, 99, 115, 99, 114),
            bar(2, 114, 120, 110, 118),
            bar(3, 118, 121, 111, 120),
            bar(4, 120, 121, 110, 120),
            bar(5, 120, 121, 105, 120),
            bar(6, 120, 121, 104, 120),
            bar(7, 120, 121, 80, 120),
            bar(8, 120, 121, 70, 120),
        ];
        for (mirror, is_bullish) in [(false, true), (true, false)] {
            let bars: Vec<_> = bars
                .iter()
                .map(|bar| if mirror { bar.mirrored() } else { *bar })
                .collect();
            let changed = run(RULE, &bars);
            assert!(
                changed
                    .iter()
                    .all(|(number, gap)| *number == 0 && gap.is_bullish == is_bullish)
            );
            let last = changed.last().unwrap().1;
            let (top, bottom) = if mirror { (-100, -110) } else { (110, 100) };
            assert_eq!((last.top, last.bottom, last.confirmed_ns), (top, bottom, 7));
            assert_eq!(last.touched_ns, Some(4));
            assert_eq!((last.half_ns, last.filled_ns), (Some(5), Some(7)));
            let fractions: Vec<_> = changed.iter().map(|(_, gap)| gap.fraction()).collect();
            assert_eq!(fractions, [0.0, 0.0, 0.5, 0.6, 1.0]);
        }
    }

    #[test]
    fn rules_differ() {
        let bars = [
            bar(0, 95, 100, 90, 99),
            bar(1, 99, 115, 99, 100),
            bar(2, 100, 120, 110, 118),
        ];
        assert!(run(RULE, &bars).is_empty());
        let direction = GapRule {
            close_beyond: false,
            ..RULE
        };
        assert_eq!(run(direction, &bars).len(), 1);
        assert!(
            run(
                GapRule {
                    threshold: 0.1,
                    ..direction
                },
                &bars
            )
            .is_empty()
        );
        assert_eq!(
            run(
                GapRule {
                    threshold: 0.099,
                    ..direction
                },
                &bars
            )
            .len(),
            1
        );
        let apart = [
            bars[0],
            bars[1],
            Bar {
                open_time_ns: 3,
                ..bars[2]
            },
        ];
        assert!(run(direction, &apart).is_empty());
        assert_eq!(
            run(
                GapRule {
                    step_ns: 0,
                    ..direction
                },
                &apart
            )
            .len(),
            1
        );
    }
}
