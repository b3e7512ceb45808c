//! Supply and demand zones and their life.
//!
//! There is no standard; this is the form that the definitions of this project choose. A leg is a
//! bar whose body is above 0.6 ATR, a base one to eight bars in a row behind a leg whose bodies are
//! below 0.5 ATR. A leg behind a base makes a zone of the base's whole range: demand where it
//! rises, supply where it falls. It is told at that leg's close.

use super::atr::Atr;
use super::bar::Bar;
use crate::error::InvalidInput;

/// More unbroken zones than this: the oldest are given up.
const ZONES_MAX: usize = 10_000;
const LENGTH_MAX: u32 = 10_000;

/// What makes a zone. Multiples are of the ATR at the bar in question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZoneRule {
    /// Bars of Wilder's average true range.
    pub atr_length: u32,
    /// Bars of the exponential mean over it.
    pub smoothing: u32,
    /// A leg's body is above this.
    pub impulse: f64,
    /// A base bar's body is below this.
    pub base_body: f64,
    /// A base has at most so many bars.
    pub base_max: u32,
    /// A zone is at most so high.
    pub height_max: f64,
}

/// What became of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneState {
    /// No bar came back to it.
    Fresh,
    /// A wick entered it.
    Tested,
    /// A bar closed beyond its far side.
    Broken,
}

/// A zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zone {
    /// Demand, below the market, or supply, above it.
    pub is_demand: bool,
    /// Whether the leg into the base rose.
    pub from_rally: bool,
    /// Open time of the base's first bar.
    pub base_ns: i64,
    /// Close time of the leg out, which confirmed the zone.
    pub confirmed_ns: i64,
    /// Bars of the base.
    pub base_bars: u32,
    /// Upper side.
    pub top: i64,
    /// Lower side.
    pub bottom: i64,
    /// The body of the leg out, in ATR.
    pub strength: f64,
    /// Open time of the first bar that entered.
    pub tested_ns: Option<i64>,
    /// How many bars entered before it broke, the breaking one included.
    pub tests: u32,
    /// Open time of the bar that closed beyond.
    pub broken_ns: Option<i64>,
}

impl Zone {
    /// What became of it.
    #[must_use]
    pub const fn state(&self) -> ZoneState {
        match (self.tested_ns, self.broken_ns) {
            (_, Some(_)) => ZoneState::Broken,
            (Some(_), None) => ZoneState::Tested,
            (None, None) => ZoneState::Fresh,
        }
    }

    /// Takes a bar behind it; whether it changed.
    fn meet(&mut self, bar: &Bar) -> bool {
        let (enters, breaks) = if self.is_demand {
            (bar.low <= self.top, bar.close < self.bottom)
        } else {
            (bar.high >= self.bottom, bar.close > self.top)
        };
        if enters {
            self.tested_ns = self.tested_ns.or(Some(bar.open_time_ns));
            self.tests += 1;
        }
        if breaks {
            self.broken_ns = Some(bar.open_time_ns);
        }
        enters || breaks
    }
}

/// A leg, and the base behind it.
#[derive(Debug, Clone, Copy)]
struct Base {
    from_rally: bool,
    first_ns: i64,
    bars: u32,
    top: i64,
    bottom: i64,
}

impl Base {
    const fn behind_leg(from_rally: bool) -> Self {
        Self {
            from_rally,
            first_ns: 0,
            bars: 0,
            top: i64::MIN,
            bottom: i64::MAX,
        }
    }

    fn extend(&mut self, bar: &Bar) {
        if self.bars == 0 {
            self.first_ns = bar.open_time_ns;
        }
        self.bars += 1;
        self.top = self.top.max(bar.high);
        self.bottom = self.bottom.min(bar.low);
    }
}

/// Finds zones bar by bar and follows them until they break.
#[derive(Debug, Clone)]
pub struct Zones {
    rule: ZoneRule,
    atr: Atr,
    base: Option<Base>,
    found: u32,
    unbroken: Vec<(u32, Zone)>,
}

impl Zones {
    /// No bars yet.
    ///
    /// # Errors
    /// When a length is not from 1 to 10,000 or a multiple is not above 0.
    pub fn new(rule: ZoneRule) -> Result<Self, InvalidInput> {
        for (field, length) in [
            ("atr_length", rule.atr_length),
            ("smoothing", rule.smoothing),
            ("base_max", rule.base_max),
        ] {
            if length == 0 || length > LENGTH_MAX {
                let bound = format!("must be from 1 to {LENGTH_MAX}");
                return Err(InvalidInput::new(field, length, bound));
            }
        }
        for (field, multiple) in [
            ("impulse", rule.impulse),
            ("base_body", rule.base_body),
            ("height_max", rule.height_max),
        ] {
            if !multiple.is_finite() || multiple <= 0.0 {
                return Err(InvalidInput::new(field, multiple, "must be above 0"));
            }
        }
        let atr = Atr::new(rule.atr_length, rule.smoothing);
        Ok(Self {
            rule,
            atr,
            base: None,
            found: 0,
            unbroken: Vec::new(),
        })
    }

    /// Takes a closed bar. `changed` gets each zone that it enters or breaks and the one that it
    /// confirms, by the zone's number, from 0.
    pub fn update(&mut self, bar: Bar, changed: &mut Vec<(u32, Zone)>) {
        for (number, zone) in &mut self.unbroken {
            if zone.meet(&bar) {
                changed.push((*number, *zone));
            }
        }
        self.unbroken.retain(|(_, zone)| zone.broken_ns.is_none());
        if let Some(atr) = self.atr.update(&bar)
            && let Some(zone) = self.advance(&bar, atr)
        {
            changed.push((self.found, zone));
            if self.unbroken.len() >= ZONES_MAX {
                self.unbroken.remove(0);
            }
            self.unbroken.push((self.found, zone));
            self.found += 1;
        }
    }

    /// What this bar would change if it closed as it is.
    #[must_use]
    pub fn peek(&self, bar: Bar) -> Vec<(u32, Zone)> {
        let mut changed = Vec::new();
        self.clone().update(bar, &mut changed);
        changed
    }

    fn advance(&mut self, bar: &Bar, atr: f64) -> Option<Zone> {
        let body = bar.close.abs_diff(bar.open) as f64;
        let rises = bar.close > bar.open;
        if body > self.rule.impulse * atr {
            let base = self.base.replace(Base::behind_leg(rises))?;
            return self.zone(&base, bar, body / atr, atr);
        }
        let is_base = body < self.rule.base_body * atr;
        self.base = self
            .base
            .filter(|base| is_base && base.bars < self.rule.base_max);
        if let Some(base) = &mut self.base {
            base.extend(bar);
        }
        None
    }

    fn zone(&self, base: &Base, leg: &Bar, strength: f64, atr: f64) -> Option<Zone> {
        if base.bars == 0 || base.top.abs_diff(base.bottom) as f64 > self.rule.height_max * atr {
            return None;
        }
        Some(Zone {
            is_demand: leg.close > leg.open,
            from_rally: base.from_rally,
            base_ns: base.first_ns,
            confirmed_ns: leg.close_time_ns,
            base_bars: base.bars,
            top: base.top,
            bottom: base.bottom,
            strength,
            tested_ns: None,
            tests: 0,
            broken_ns: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: ZoneRule = ZoneRule {
        atr_length: 2,
        smoothing: 1,
        impulse: 0.6,
        base_body: 0.5,
        base_max: 8,
        height_max: 2.0,
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

    fn calm(time: i64) -> Bar {
        bar(time, 1_000, 1_010, 990, 1_001)
    }

    #[test]
    fn a_base_between_legs_is_demand_then_tested_then_broken() {
        let mut zones = Zones::new(RULE).unwrap();
        let mut changed = Vec::new();
        let bars = [
            calm(0),
            calm(1),
            calm(2),
            bar(3, 1_000, 1_002, 960, 962),
            bar(4, 962, 966, 958, 963),
            bar(5, 963, 967, 957, 962),
            bar(6, 962, 1_002, 961, 1_000),
            bar(7, 1_000, 1_010, 990, 1_002),
            bar(8, 1_002, 1_004, 966, 990),
            bar(9, 990, 992, 940, 950),
        ];
        for bar in bars {
            let peeked = zones.peek(bar).len();
            let before = changed.len();
            zones.update(bar, &mut changed);
            assert_eq!(changed.len() - before, peeked);
        }
        let first = changed[0].1;
        assert!(first.is_demand && !first.from_rally);
        assert_eq!((first.top, first.bottom, first.base_bars), (967, 957, 2));
        assert_eq!((first.base_ns, first.confirmed_ns), (4, 11));
        assert_eq!(first.state(), ZoneState::Fresh);
        let states: Vec<_> = changed
            .iter()
            .filter(|(number, _)| *number == 0)
            .map(|(_, z)| z.state())
            .collect();
        assert_eq!(
            states,
            [ZoneState::Fresh, ZoneState::Tested, ZoneState::Broken]
        );
        let last = changed.iter().rfind(|(number, _)| *number == 0).unwrap().1;
        assert_eq!(
            (last.tested_ns, last.tests, last.broken_ns),
            (Some(8), 2, Some(9))
        );
    }

    #[test]
    fn a_long_base_or_a_middling_bar_makes_no_zone() {
        let leg = |time| bar(time, 1_000, 1_042, 998, 1_040);
        let mut zones = Zones::new(ZoneRule {
            base_max: 2,
            ..RULE
        })
        .unwrap();
        let mut changed = Vec::new();
        for bar in [
            calm(0),
            calm(1),
            calm(2),
            leg(3),
            calm(4),
            calm(5),
            calm(6),
            leg(7),
        ] {
            zones.update(bar, &mut changed);
        }
        assert!(changed.is_empty());
    }

    #[test]
    fn parameters_are_bounded() {
        let refused = Zones::new(ZoneRule {
            base_max: 0,
            ..RULE
        })
        .unwrap_err();
        assert_eq!(refused.field, "base_max");
        let refused = Zones::new(ZoneRule {
            impulse: f64::NAN,
            ..RULE
        })
        .unwrap_err();
        assert_eq!(refused.field, "impulse");
    }
}
