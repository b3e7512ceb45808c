//! The candles of one group and interval behind the forming one, as far back as the horizon.

use std::collections::VecDeque;

use super::figures::{Candle, Figures, Price};

/// A candle, and what of it was handed out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<P> {
    pub(super) candle: Candle<P>,
    pub(super) told: Told,
}

/// What was handed out of a candle. One that changed since has another number of trades.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    pub(super) trades: u64,
    pub(super) was_closed: bool,
    pub(super) revision: u32,
}

impl Told {
    /// Whether a candle with so many trades has news; notes that it is handed out now.
    pub(super) fn tell(&mut self, trades: u64, is_closed: bool) -> bool {
        let has_changed = trades != self.trades;
        if !has_changed && (self.was_closed || !is_closed) {
            return false;
        }
        self.revision += u32::from(has_changed && self.was_closed);
        self.trades = trades;
        self.was_closed |= is_closed;
        true
    }
}

/// Candles that late trades may still revise, oldest first.
#[derive(Debug, Clone)]
pub(super) struct History<P> {
    pub(super) held: VecDeque<Held<P>>,
}

impl<P: Price> History<P> {
    pub(super) const fn new() -> Self {
        Self {
            held: VecDeque::new(),
        }
    }

    /// Takes figures of the bucket `[open_time_ns, end_ns)`, which lies before the forming one.
    pub(super) fn revise(&mut self, open_time_ns: i64, end_ns: i64, part: &Figures<P>) {
        let found = self
            .held
            .binary_search_by_key(&open_time_ns, |held| held.candle.open_time_ns);
        match found {
            Ok(place) => self.held[place].candle.figures.merge(part),
            Err(place) => {
                let candle = Candle {
                    open_time_ns,
                    end_ns,
                    figures: *part,
                };
                self.held.insert(
                    place,
                    Held {
                        candle,
                        told: Told::default(),
                    },
                );
            }
        }
    }
}
