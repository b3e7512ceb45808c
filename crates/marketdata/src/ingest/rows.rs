//! The columns that trades are put into, one checked trade at a time.

use super::bad_line::{BadLine, Field, Reason};
use super::clock::{Bounds, Clocks, Settled, Waiting};
use super::column::{Column, Integers};
use super::decimal::Decimal;
use super::rules::TradeRules;
use super::scan::{DIGITS_MAX, digits_of};
use super::symbols::Symbols;
use super::time::parse_time;

/// A trade as a source writes it. `None` says that the source has no such field.
#[derive(Debug, Clone, Copy, Default)]
pub struct RawTrade<'a> {
    /// The instrument's name.
    pub symbol: Option<&'a [u8]>,
    /// Whose trade it is, a whole number.
    pub account: Option<&'a [u8]>,
    /// Its id, a whole number; without one the trade gets its place in the source, from 1.
    pub id: Option<&'a [u8]>,
    /// When it was.
    pub time: Option<&'a [u8]>,
    /// At which price.
    pub price: Option<&'a [u8]>,
    /// How much.
    pub quantity: Option<&'a [u8]>,
    /// What price times quantity came to.
    pub value: Option<&'a [u8]>,
    /// The aggressor, in the words of the source.
    pub side: Option<&'a [u8]>,
}

/// Trades as columns of equal length.
#[derive(Debug, Clone)]
pub struct Trades {
    /// Numbers of names; `u32::MAX` where there is none.
    pub symbols: Vec<u32>,
    /// Accounts; -1 where there is none.
    pub accounts: Vec<i64>,
    /// Ids.
    pub ids: Vec<i64>,
    /// Nanoseconds since 1970 UTC.
    pub times_ns: Vec<i64>,
    /// Prices.
    pub prices: Integers,
    /// Quantities.
    pub quantities: Integers,
    /// Values; below zero where there is none.
    pub values: Integers,
    /// 1 bought, -1 sold, 0 not said.
    pub sides: Vec<i8>,
    /// Decimals of prices, quantities and values.
    pub scales: [u8; 3],
}

/// A trade of which every field is right; whether its columns hold it is not told yet.
#[derive(Debug, Clone, Copy)]
struct Parsed {
    symbol: u32,
    account: i64,
    id: Option<i64>,
    time_ns: i64,
    price: Decimal,
    quantity: Decimal,
    value: Option<Decimal>,
    side: i8,
}

/// A trade with its line, in case that it is refused later.
#[derive(Debug, Clone)]
struct Doubted {
    trade: Parsed,
    line: BadLine,
}

const NO_SYMBOL: u32 = u32::MAX;
const NO_ACCOUNT: i64 = -1;
const NO_VALUE: i128 = -1;

/// Takes trades one by one; a trade that breaks a rule adds no row, only its bad line.
#[derive(Debug, Clone)]
pub struct TradeRows {
    rules: TradeRules,
    symbols: Symbols,
    trades: Trades,
    prices: Column,
    quantities: Column,
    values: Column,
    clocks: Clocks<Doubted>,
    taken: i64,
    bad: Vec<BadLine>,
}

impl TradeRows {
    /// No trades yet.
    pub fn new(rules: TradeRules) -> Self {
        Self {
            prices: Column::new(rules.price_scale),
            quantities: Column::new(rules.quantity_scale),
            values: Column::new(rules.value_scale),
            clocks: Clocks::new(Bounds {
                back_max_ns: rules.back_max_ns,
                ahead_max_ns: rules.ahead_max_ns,
            }),
            rules,
            symbols: Symbols::default(),
            trades: Trades::with_capacity(0),
            taken: 0,
            bad: Vec::new(),
        }
    }

    /// Takes the trade of a line, or keeps why it is not taken. One whose time jumps waits for the
    /// next of its instrument and account, or for the end.
    #[inline]
    pub fn push(&mut self, number: u64, line: &[u8], trade: &RawTrade<'_>) {
        let taken = self.parse(trade).and_then(|parsed| {
            if self
                .clocks
                .take((parsed.symbol, parsed.account), parsed.time_ns)
            {
                self.add(&parsed)
            } else {
                self.settle(number, line, parsed)
            }
        });
        if let Err((field, reason)) = taken {
            self.refuse(number, line, field, reason);
        }
    }

    /// Takes or refuses what still waits, as no line comes any more.
    pub fn finish(&mut self) {
        let mut settled = self.clocks.finish();
        settled.sort_by_key(|(Settled::Taken(each) | Settled::Refused(each, _))| each.line.number);
        for each in settled {
            self.end_doubt(each);
        }
    }

    /// Keeps a line that holds no trade as it should.
    #[cold]
    pub fn refuse(&mut self, number: u64, line: &[u8], field: Field, reason: Reason) {
        self.bad.push(BadLine::new(number, field, reason, line));
    }

    /// How many trades wait to be handed out.
    pub fn len(&self) -> usize {
        self.trades.ids.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names that the numbers of symbols stand for.
    pub fn symbol_names(&self) -> &[String] {
        self.symbols.names()
    }

    /// Hands out the trades taken since the last time, in their order.
    pub fn take_trades(&mut self) -> Trades {
        let fresh = Trades::with_capacity(self.len());
        let mut trades = std::mem::replace(&mut self.trades, fresh);
        trades.scales = [&self.prices, &self.quantities, &self.values].map(Column::scale);
        trades.prices = self.prices.take();
        trades.quantities = self.quantities.take();
        trades.values = self.values.take();
        trades
    }

    /// Hands out the bad lines since the last time, by their numbers.
    pub fn take_bad(&mut self) -> Vec<BadLine> {
        let mut bad = std::mem::take(&mut self.bad);
        bad.sort_by_key(|line| line.number);
        bad
    }

    #[inline]
    fn parse(&mut self, trade: &RawTrade<'_>) -> Result<Parsed, (Field, Reason)> {
        let time_ns = trade
            .time
            .ok_or(Reason::Missing)
            .and_then(|text| parse_time(text, self.rules.time_unit))
            .map_err(|reason| (Field::Time, reason))?;
        let whole = |text: Option<&[u8]>, field| {
            let number = text.map(whole_number).transpose();
            number.map_err(|reason| (field, reason))
        };
        let id = whole(trade.id, Field::TradeId)?;
        let account = whole(trade.account, Field::Account)?.unwrap_or(NO_ACCOUNT);
        let side = match trade.side {
            Some(word) => self
                .rules
                .sides
                .side(word)
                .map_err(|reason| (Field::Side, reason))?,
            None => 0,
        };
        let price = above_zero(trade.price).map_err(|reason| (Field::Price, reason))?;
        let quantity = above_zero(trade.quantity).map_err(|reason| (Field::Quantity, reason))?;
        let value = match trade.value {
            Some(text) => Some(not_below_zero(text).map_err(|reason| (Field::Value, reason))?),
            None => None,
        };
        let symbol = match trade.symbol {
            Some(name) => self
                .symbols
                .number(name)
                .map_err(|reason| (Field::Symbol, reason))?,
            None => NO_SYMBOL,
        };
        Ok(Parsed {
            symbol,
            account,
            id,
            time_ns,
            price,
            quantity,
            value,
            side,
        })
    }

    /// Ends the doubt about the trade before, and takes this one or doubts it in turn.
    #[cold]
    fn settle(&mut self, number: u64, line: &[u8], trade: Parsed) -> Result<(), (Field, Reason)> {
        let (settled, is_taken) = self.clocks.settle(trade.time_ns);
        if let Some(settled) = settled {
            self.end_doubt(settled);
        }
        if is_taken {
            return self.add(&trade);
        }
        let line = BadLine::new(number, Field::Time, Reason::NoTime, line);
        self.clocks.wait(Waiting {
            time_ns: trade.time_ns,
            what: Doubted { trade, line },
        });
        Ok(())
    }

    fn end_doubt(&mut self, settled: Settled<Doubted>) {
        let (mut line, field, reason) = match settled {
            Settled::Refused(doubted, reason) => (doubted.line, Field::Time, reason),
            Settled::Taken(doubted) => match self.add(&doubted.trade) {
                Ok(()) => return,
                Err((field, reason)) => (doubted.line, field, reason),
            },
        };
        (line.field, line.reason) = (field, reason);
        self.bad.push(line);
    }

    /// Puts a trade into the columns, at the scales that they have now.
    #[inline]
    fn add(&mut self, trade: &Parsed) -> Result<(), (Field, Reason)> {
        let price = self
            .prices
            .fit(trade.price)
            .map_err(|reason| (Field::Price, reason))?;
        let quantity = self
            .quantities
            .fit(trade.quantity)
            .map_err(|reason| (Field::Quantity, reason))?;
        let value = match trade.value {
            Some(value) => self
                .values
                .fit(value)
                .map_err(|reason| (Field::Value, reason))?,
            None => NO_VALUE,
        };
        self.taken += 1;
        self.trades.symbols.push(trade.symbol);
        self.trades.accounts.push(trade.account);
        self.trades.ids.push(trade.id.unwrap_or(self.taken));
        self.trades.times_ns.push(trade.time_ns);
        self.trades.sides.push(trade.side);
        self.prices.push(price);
        self.quantities.push(quantity);
        self.values.push(value);
        Ok(())
    }
}

impl Trades {
    fn with_capacity(count: usize) -> Self {
        Self {
            symbols: Vec::with_capacity(count),
            accounts: Vec::with_capacity(count),
            ids: Vec::with_capacity(count),
            times_ns: Vec::with_capacity(count),
            prices: Integers::Narrow(Vec::new()),
            quantities: Integers::Narrow(Vec::new()),
            values: Integers::Narrow(Vec::new()),
            sides: Vec::with_capacity(count),
            scales: [0; 3],
        }
    }
}

#[inline]
fn above_zero(text: Option<&[u8]>) -> Result<Decimal, Reason> {
    let number = not_below_zero(text.ok_or(Reason::Missing)?)?;
    if number.mantissa == 0 {
        return Err(Reason::Zero);
    }
    Ok(number)
}

#[inline]
fn not_below_zero(text: &[u8]) -> Result<Decimal, Reason> {
    if text.is_empty() {
        return Err(Reason::Missing);
    }
    let number = Decimal::parse(text)?;
    if number.mantissa < 0 {
        return Err(Reason::Negative);
    }
    Ok(number)
}

/// A whole number from 0 on, in plain digits.
#[inline]
fn whole_number(text: &[u8]) -> Result<i64, Reason> {
    if !text.is_empty() && text.len() <= DIGITS_MAX {
        let digits = digits_of(text).ok_or_else(|| no_whole_number(text))?;
        return Ok(digits.cast_signed());
    }
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Err(no_whole_number(text));
    }
    let digits = std::str::from_utf8(text).map_err(|_| Reason::NoNumber)?;
    digits.parse().map_err(|_| Reason::TooLarge)
}

#[cold]
fn no_whole_number(text: &[u8]) -> Reason {
    match text {
        [] => Reason::Missing,
        [b'-', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            Reason::Negative
        }
        _ => Reason::NoNumber,
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
