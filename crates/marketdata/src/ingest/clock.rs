//! Which times are believed: a step is, a jump only when the next line agrees with it.
//!
//! The lines of one instrument and account have a clock: the time of the trade that was taken last.
//! A time near it is taken at once. One that lies far ahead or far back waits for the next line:
//! where that goes on from it, the source has jumped (a pause, an order by name, the newest first),
//! and both are taken; where that goes on from the clock, the time that waited was wrong, and the
//! lines behind it never hear of it. What waits when the source ends is taken when it lies ahead by
//! no more than the bound.

use std::collections::HashMap;

use super::bad_line::Reason;

/// So many clocks one source may have; the rest share the last.
const CLOCKS_MAX: usize = 65_536;

/// The instrument's number and the account.
pub(super) type Owner = (u32, i64);

/// How far from the clock a time may lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) back_max_ns: i64,
    pub(super) ahead_max_ns: i64,
}

impl Bounds {
    const fn is_near(self, time_ns: i64, clock_ns: i64) -> bool {
        let step_max_ns = if self.back_max_ns < self.ahead_max_ns {
            self.back_max_ns
        } else {
            self.ahead_max_ns
        };
        time_ns >= clock_ns.saturating_sub(self.back_max_ns)
            && time_ns <= clock_ns.saturating_add(step_max_ns)
    }
}

/// A trade that waits for the next of its clock to agree with it.
#[derive(Debug, Clone)]
pub(super) struct Waiting<T> {
    pub(super) time_ns: i64,
    pub(super) what: T,
}

/// The time of the trade that was taken last, and what waits.
#[derive(Debug, Clone)]
struct Clock<T> {
    time_ns: i64,
    waiting: Option<Box<Waiting<T>>>,
}

/// What became of the trade that waited.
#[derive(Debug)]
pub(super) enum Settled<T> {
    /// It is to be taken.
    Taken(T),
    /// It is to be refused.
    Refused(T, Reason),
}

/// A clock for each instrument and account of a source.
#[derive(Debug, Clone)]
pub(super) struct Clocks<T> {
    bounds: Bounds,
    places: HashMap<Owner, usize>,
    all: Vec<Clock<T>>,
    last: Option<(Owner, usize)>,
}

impl<T> Clocks<T> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            places: HashMap::new(),
            all: Vec::new(),
            last: None,
        }
    }

    /// Whether a time is taken at once; the clock then stands at it.
    #[inline]
    pub(super) fn take(&mut self, owner: Owner, time_ns: i64) -> bool {
        let place = match self.last {
            Some((last, place)) if last == owner => place,
            _ => match self.find(owner, time_ns) {
                Some(place) => place,
                None => return true,
            },
        };
        let clock = &mut self.all[place];
        if clock.waiting.is_none() && self.bounds.is_near(time_ns, clock.time_ns) {
            clock.time_ns = time_ns;
            return true;
        }
        false
    }

    /// The place of an owner's clock; `None` for a new one, which this time sets.
    fn find(&mut self, owner: Owner, time_ns: i64) -> Option<usize> {
        let next = self.all.len();
        let known = self.places.get(&owner).copied();
        let place = match known {
            None if next < CLOCKS_MAX => {
                self.places.insert(owner, next);
                self.all.push(Clock {
                    time_ns,
                    waiting: None,
                });
                next
            }
            found => found.unwrap_or(CLOCKS_MAX - 1),
        };
        self.last = Some((owner, place));
        (place < next).then_some(place)
    }

    /// Settles what waits at the clock that was asked last, by the next time. Answers whether this
    /// one is then taken; where it is not, it is to be [kept waiting](Self::wait).
    #[cold]
    pub(super) fn settle(&mut self, time_ns: i64) -> (Option<Settled<T>>, bool) {
        let Some(clock) = self.last.and_then(|(_, place)| self.all.get_mut(place)) else {
            return (None, true);
        };
        let settled = clock.waiting.take().map(|waiting| {
            let goes_on = if waiting.time_ns > clock.time_ns {
                time_ns > waiting.time_ns
            } else {
                time_ns < waiting.time_ns
            };
            if goes_on || self.bounds.is_near(time_ns, waiting.time_ns) {
                clock.time_ns = waiting.time_ns;
                Settled::Taken(waiting.what)
            } else {
                refused(*waiting, clock.time_ns)
            }
        });
        let is_taken = self.bounds.is_near(time_ns, clock.time_ns);
        if is_taken {
            clock.time_ns = time_ns;
        }
        (settled, is_taken)
    }

    /// Keeps a trade until the next of its clock, the one that was asked last.
    #[cold]
    pub(super) fn wait(&mut self, waiting: Waiting<T>) {
        if let Some(clock) = self.last.and_then(|(_, place)| self.all.get_mut(place)) {
            clock.waiting = Some(Box::new(waiting));
        }
    }

    /// Settles all that waits, by clock, as nothing more comes.
    pub(super) fn finish(&mut self) -> Vec<Settled<T>> {
        let bounds = self.bounds;
        let settle = |clock: &mut Clock<T>| {
            let waiting = *clock.waiting.take()?;
            let latest_ns = clock.time_ns.saturating_add(bounds.ahead_max_ns);
            Some(if (clock.time_ns..=latest_ns).contains(&waiting.time_ns) {
                Settled::Taken(waiting.what)
            } else {
                refused(waiting, clock.time_ns)
            })
        };
        self.all.iter_mut().filter_map(settle).collect()
    }
}

fn refused<T>(waiting: Waiting<T>, clock_ns: i64) -> Settled<T> {
    let reason = if waiting.time_ns > clock_ns {
        Reason::TimeAhead
    } else {
        Reason::TimeBack
    };
    Settled::Refused(waiting.what, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 10;

    /// The times that are taken, in their order, and those that are refused.
    fn read(lines: &[(u32, i64)]) -> (Vec<i64>, Vec<(i64, Reason)>) {
        let mut clocks = Clocks::new(Bounds {
            back_max_ns: DAY,
            ahead_max_ns: 31 * DAY,
        });
        let (mut taken, mut bad) = (Vec::new(), Vec::new());
        let mut settle = |settled, taken: &mut Vec<i64>| match settled {
            Settled::Taken(time_ns) => taken.push(time_ns),
            Settled::Refused(time_ns, reason) => bad.push((time_ns, reason)),
        };
        for (symbol, time_ns) in lines {
            if clocks.take((*symbol, 0), *time_ns) {
                taken.push(*time_ns);
                continue;
            }
            let (settled, is_taken) = clocks.settle(*time_ns);
            if let Some(each) = settled {
                settle(each, &mut taken);
            }
            if is_taken {
                taken.push(*time_ns);
            } else {
                clocks.wait(Waiting {
                    time_ns: *time_ns,
                    what: *time_ns,
                });
            }
        }
        for each in clocks.finish() {
            settle(each, &mut taken);
        }
        (taken, bad)
    }

    fn of_one(times: &[i64]) -> (Vec<i64>, Vec<(i64, Reason)>) {
        let lines: Vec<_> = times.iter().map(|time_ns| (0, *time_ns)).collect();
        read(&lines)
    }

    #[test]
    fn a_wrong_time_poisons_nothing() {
        for (wrong, reason) in [
            (200, Reason::TimeAhead),
            (20_000, Reason::TimeAhead),
            (-200, Reason::TimeBack),
        ] {
            let (taken, bad) = of_one(&[0, 1, wrong, 2, 3, 12]);
            assert_eq!(taken, [0, 1, 2, 3, 12]);
            assert_eq!(bad, [(wrong, reason)]);
        }
    }

    #[test]
    fn a_jump_that_goes_on_is_believed() {
        for times in [
            vec![0, 1, 400, 401, 402],          // a pause
            vec![400, 399, 370, 340, 339, 338], // the newest first
            vec![0, 100, 200, 300, 400],        // few trades
            vec![500, 0, 1, 2],                 // a wrong first line
            vec![0, 200, 201, 1, 2],            // two wrong lines
        ] {
            let (taken, bad) = of_one(&times);
            assert_eq!((taken, bad), (times, vec![]));
        }
    }

    #[test]
    fn what_nothing_follows_is_believed_ahead_within_the_bound() {
        assert_eq!(of_one(&[0, 310]), (vec![0, 310], vec![]));
        assert_eq!(of_one(&[0, 311]), (vec![0], vec![(311, Reason::TimeAhead)]));
        assert_eq!(of_one(&[0, -10]), (vec![0, -10], vec![]));
        assert_eq!(of_one(&[0, -11]), (vec![0], vec![(-11, Reason::TimeBack)]));
    }

    #[test]
    fn each_instrument_has_its_clock() {
        let lines = [
            (0, 0),
            (0, 300),
            (1, 0),
            (1, 1),
            (0, 301),
            (1, 900),
            (2, 5),
            (1, 2),
        ];
        let (taken, bad) = read(&lines);
        assert_eq!(taken, [0, 0, 1, 300, 301, 5, 2]);
        assert_eq!(bad, [(900, Reason::TimeAhead)]);
    }

    #[test]
    fn clocks_are_bounded() {
        let mut clocks: Clocks<()> = Clocks::new(Bounds {
            back_max_ns: DAY,
            ahead_max_ns: DAY,
        });
        for number in 0..CLOCKS_MAX as u32 + 10 {
            assert!(clocks.take((number, 0), 0));
        }
        assert_eq!(clocks.all.len(), CLOCKS_MAX);
    }
}
