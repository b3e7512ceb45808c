//! Candles of one minute, as their trades come.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use outcry_marketdata::candles::{Figures, Key};
use outcry_protocol::Side;

use crate::trades::Trade;

const MINUTE_NS: u64 = 60_000_000_000;

/// A candle of one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinuteCandle {
    /// The instrument.
    pub instrument: u32,
    /// The number of the steps that it is meant in.
    pub steps: u32,
    /// Where the minute begins, ns.
    pub open_time_ns: u64,
    /// What its trades come to: prices in ticks, quantities in lots, values in ticks times lots.
    pub figures: Figures<i64>,
}

impl MinuteCandle {
    const fn end_ns(&self) -> u64 {
        self.open_time_ns + MINUTE_NS
    }
}

/// The forming candles.
#[derive(Debug, Default)]
pub(crate) struct Candles {
    forming: HashMap<u32, MinuteCandle, FixedState>,
    /// The end of the minute that ends next, `u64::MAX` without one.
    next_end_ns: u64,
    /// Minutes that begin before this were not seen from their beginning.
    whole_from_ns: u64,
}

impl Candles {
    /// Makes no candle of the minute of this time, nor of earlier ones.
    pub(crate) const fn begin_behind(&mut self, time_ns: u64) {
        self.whole_from_ns = time_ns - time_ns % MINUTE_NS + MINUTE_NS;
    }

    /// Takes a trade; answers the candle that it ends.
    pub(crate) fn add(&mut self, trade: &Trade) -> Option<MinuteCandle> {
        let key = Key {
            time_ns: trade.time_ns.cast_signed(),
            id: trade.trade_id.cast_signed(),
        };
        let quantity = i128::from(trade.quantity_lots);
        let value = i128::from(trade.price_ticks) * quantity;
        let buys = trade.aggressor == Side::Buy;
        let figures = Figures::of_trade(key, trade.price_ticks, quantity, value, buys);
        let Trade {
            instrument,
            steps,
            time_ns,
            ..
        } = *trade;
        let candle = MinuteCandle {
            instrument,
            steps,
            open_time_ns: time_ns - time_ns % MINUTE_NS,
            figures,
        };
        if candle.open_time_ns < self.whole_from_ns {
            return None;
        }
        self.next_end_ns = match self.forming.len() {
            0 => candle.end_ns(),
            _ => self.next_end_ns.min(candle.end_ns()),
        };
        let Some(forming) = self.forming.get_mut(&instrument) else {
            self.forming.insert(instrument, candle);
            return None;
        };
        if forming.open_time_ns == candle.open_time_ns && forming.steps == steps {
            forming.figures.merge(&figures);
            return None;
        }
        Some(std::mem::replace(forming, candle))
    }

    /// Says what time it is; answers the candles that ended by it, by instrument.
    pub(crate) fn advance(&mut self, time_ns: u64, ended: &mut Vec<MinuteCandle>) {
        if self.forming.is_empty() || time_ns < self.next_end_ns {
            return;
        }
        let from = ended.len();
        let passed = self
            .forming
            .extract_if(|_, candle| candle.end_ns() <= time_ns);
        ended.extend(passed.map(|(_, candle)| candle));
        ended[from..].sort_unstable_by_key(|candle| candle.instrument);
        let ends = self.forming.values().map(MinuteCandle::end_ns);
        self.next_end_ns = ends.min().unwrap_or(u64::MAX);
    }
}
