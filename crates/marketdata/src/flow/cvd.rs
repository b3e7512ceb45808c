//! Cumulative volume delta: what was bought less what was sold, added up.

use crate::interval::Interval;

/// Where the sum begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// At the first trade.
    Start,
    /// Anew with each bucket of this interval: with `1d` at 00:00 UTC.
    Session(Interval),
}

/// The running sum: `cvd = cvd before + side * amount`.
#[derive(Debug, Clone, Copy)]
pub struct Cvd {
    anchor: Anchor,
    total: i128,
    session_end_ns: i64,
}

impl Cvd {
    /// A sum that begins at this anchor.
    #[must_use]
    pub const fn new(anchor: Anchor) -> Self {
        let session_end_ns = match anchor {
            Anchor::Start => i64::MAX,
            Anchor::Session(_) => i64::MIN,
        };
        Self {
            anchor,
            total: 0,
            session_end_ns,
        }
    }

    /// Takes a trade, or the delta of a bar, in order of time; returns the sum with it.
    #[inline]
    pub fn update(&mut self, time_ns: i64, delta: i128) -> i128 {
        if time_ns >= self.session_end_ns {
            self.begin_session(time_ns);
        }
        self.total += delta;
        self.total
    }

    /// The sum as it would be with this trade.
    #[must_use]
    pub fn peek(&self, time_ns: i64, delta: i128) -> i128 {
        let mut copy = *self;
        copy.update(time_ns, delta)
    }

    #[cold]
    fn begin_session(&mut self, time_ns: i64) {
        if let Anchor::Session(interval) = self.anchor {
            self.session_end_ns = interval.next(interval.floor(time_ns));
            self.total = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Cvd};
    use crate::interval::Interval;

    #[test]
    fn a_session_begins_anew_and_peek_changes_nothing() {
        let mut cvd = Cvd::new(Anchor::Session(Interval::parse("1m").unwrap()));
        let minute_ns = 60_000_000_000;
        assert_eq!(cvd.update(0, 10), 10);
        assert_eq!(cvd.update(minute_ns - 1, -3), 7);
        assert_eq!(cvd.peek(minute_ns, 5), 5);
        assert_eq!(cvd.peek(minute_ns - 1, 5), 12);
        assert_eq!(cvd.update(minute_ns, 5), 5);
        let mut whole = Cvd::new(Anchor::Start);
        assert_eq!(
            [10, 15, 20, -5, -3].map(|delta| whole.update(0, delta))[4],
            37
        );
    }
}
