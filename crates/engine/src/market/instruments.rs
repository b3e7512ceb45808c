//! The books of all instruments, and the commands that make and steer them.

use super::Market;
use super::book::Book;
use super::ledger::Ledger;
use crate::refusal::{Refusal, require};
use outcry_protocol::{InstrumentLimitsRecord, InstrumentRecord, RejectReason as R, TradingState};

/// The books by instrument number.
#[derive(Debug, Clone)]
pub(crate) struct Books {
    slots: Vec<Option<Box<Book>>>,
    instrument_max: u32,
}

impl Books {
    pub(crate) const fn new(instrument_max: u32) -> Self {
        Self {
            slots: Vec::new(),
            instrument_max,
        }
    }

    #[inline(always)]
    pub(crate) fn get(&self, instrument: u32) -> Option<&Book> {
        self.slots.get(instrument as usize)?.as_deref()
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self, instrument: u32) -> Option<&mut Book> {
        self.slots.get_mut(instrument as usize)?.as_deref_mut()
    }

    /// The book of an instrument that an open order names.
    #[inline(always)]
    pub(crate) fn at(&mut self, instrument: u32) -> &mut Book {
        self.get_mut(instrument)
            .expect("an open order's instrument stands")
    }

    /// The book of an instrument, or `unknown_instrument`.
    #[inline(always)]
    pub(crate) fn known(&mut self, instrument: u32) -> Result<&mut Book, Refusal> {
        self.get_mut(instrument).ok_or(Refusal {
            reason: R::UnknownInstrument,
            bound: 0,
        })
    }

    /// The book of an instrument that takes orders now.
    #[inline(always)]
    pub(crate) fn trading(&mut self, instrument: u32) -> Result<&mut Book, Refusal> {
        let book = self.known(instrument)?;
        match book.state {
            TradingState::Continuous => Ok(book),
            TradingState::Halted => Err(R::InstrumentHalted.into()),
            TradingState::CancelOnly | TradingState::Auction => Err(R::InstrumentCancelOnly.into()),
        }
    }

    /// Every book, by instrument number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Book> {
        self.slots.iter().flatten().map(|book| &**book)
    }

    /// The numbers of all instruments, rising.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.iter().map(|book| book.instrument).collect()
    }
}

impl Market {
    /// Adds an instrument, in continuous trading.
    pub(crate) fn add_instrument(
        &mut self,
        definition: InstrumentRecord,
        limits: InstrumentLimitsRecord,
        ledger: &impl Ledger,
    ) -> Result<(), Refusal> {
        let number = definition.instrument;
        require(self.books.get(number).is_none(), R::InstrumentExists)?;
        require(number <= self.books.instrument_max, R::TooManyInstruments)?;
        ledger.check_decimals(&definition)?;
        let book = Book::new(definition, limits)?;
        let place = number as usize;
        if place >= self.books.slots.len() {
            self.books.slots.resize_with(place + 1, || None);
        }
        self.books.slots[place] = Some(Box::new(book));
        Ok(())
    }

    /// States an instrument's definition anew.
    pub(crate) fn update_instrument(
        &mut self,
        definition: InstrumentRecord,
        limits: InstrumentLimitsRecord,
        ledger: &impl Ledger,
    ) -> Result<(), Refusal> {
        let book = self.books.known(definition.instrument)?;
        let old = &book.definition;
        let fixed = old.symbol == definition.symbol
            && old.base_asset == definition.base_asset
            && old.quote_asset == definition.quote_asset;
        require(fixed, R::InstrumentFixed)?;
        ledger.check_decimals(&definition)?;
        definition.check_exact()?;
        let increments = |record: &InstrumentRecord| {
            let sizes = (record.tick_size(), record.lot_size());
            (sizes, record.base_decimals, record.quote_decimals)
        };
        let changed = increments(old) != increments(&definition);
        // Due orders count here: they stand in the old ticks until they are expired.
        require(!changed || book.open_orders == 0, R::IncrementsLocked)?;
        if changed {
            book.forget_prices();
        }
        let units = [definition.value_unit()?, definition.lot_unit()?];
        book.redefine(&self.orders, definition, limits, units);
        Ok(())
    }

    /// Changes an instrument's trading state.
    pub(crate) fn set_state(
        &mut self,
        instrument: u32,
        state: u8,
    ) -> Result<TradingState, Refusal> {
        let state = TradingState::try_from(state).map_err(|_| R::InvalidState)?;
        let book = self.books.known(instrument)?;
        require(state != TradingState::Auction, R::InvalidState)?;
        book.state = state;
        Ok(state)
    }

    /// Sets an instrument's reference price; 0 clears it.
    pub(crate) fn set_reference(&mut self, instrument: u32, price: i64) -> Result<(), Refusal> {
        self.books.known(instrument)?.put_reference(price);
        Ok(())
    }
}
