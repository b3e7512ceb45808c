//! The columns that trades are put into, one checked trade at a time.

use super::bad_line::{BadLine, Field, Reason};
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

/// What a trade needs beside its prices.
struct Checked {
    symbol: u32,
    account: i64,
    id: i64,
    time_ns: i64,
    price: i128,
    quantity: i128,
    value: i128,
    side: i8,
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
    latest_ns: Option<i64>,
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
            rules,
            symbols: Symbols::default(),
            trades: Trades::with_capacity(0),
            latest_ns: None,
            taken: 0,
            bad: Vec::new(),
        }
    }

    /// Takes the trade of a line, or keeps why it is not taken.
    #[inline]
    pub fn push(&mut self, number: u64, line: &[u8], trade: &RawTrade<'_>) {
        match self.check(trade) {
            Ok(checked) => self.add(&checked),
            Err((field, reason)) => self.refuse(number, line, field, reason),
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

    /// Hands out the bad lines since the last time.
    pub fn take_bad(&mut self) -> Vec<BadLine> {
        std::mem::take(&mut self.bad)
    }

    #[inline]
    fn check(&mut self, trade: &RawTrade<'_>) -> Result<Checked, (Field, Reason)> {
        let time_ns = self
            .time_of(trade.time)
            .map_err(|reason| (Field::Time, reason))?;
        let id = match trade.id {
            Some(text) => whole_number(text).map_err(|reason| (Field::TradeId, reason))?,
            None => self.taken + 1,
        };
        let account = match trade.account {
            Some(text) => whole_number(text).map_err(|reason| (Field::Account, reason))?,
            None => NO_ACCOUNT,
        };
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
        Ok(Checked {
            symbol,
            account,
            id,
            time_ns,
            price: self
                .prices
                .fit(price)
                .map_err(|reason| (Field::Price, reason))?,
            quantity: self
                .quantities
                .fit(quantity)
                .map_err(|reason| (Field::Quantity, reason))?,
            value: match value {
                Some(value) => self
                    .values
                    .fit(value)
                    .map_err(|reason| (Field::Value, reason))?,
                None => NO_VALUE,
            },
            side,
        })
    }

    #[inline]
    fn time_of(&self, text: Option<&[u8]>) -> Result<i64, Reason> {
        let time_ns = parse_time(text.ok_or(Reason::Missing)?, self.rules.time_unit)?;
        if let Some(latest_ns) = self.latest_ns {
            if time_ns < latest_ns.saturating_sub(self.rules.back_max_ns) {
                return Err(Reason::TimeBack);
            }
            if time_ns > latest_ns.saturating_add(self.rules.ahead_max_ns) {
                return Err(Reason::TimeAhead);
            }
        }
        Ok(time_ns)
    }

    #[inline]
    fn add(&mut self, trade: &Checked) {
        self.taken += 1;
        self.latest_ns = Some(
            self.latest_ns
                .map_or(trade.time_ns, |ns| ns.max(trade.time_ns)),
        );
        self.trades.symbols.push(trade.symbol);
        self.trades.accounts.push(trade.account);
        self.trades.ids.push(trade.id);
        self.trades.times_ns.push(trade.time_ns);
        self.trades.sides.push(trade.side);
        self.prices.push(trade.price);
        self.quantities.push(trade.quantity);
        self.values.push(trade.value);
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
