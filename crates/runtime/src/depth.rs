//! The copy of the books that anybody may read at any time: what is durable, and nothing else.

use crate::run::Run;
use crate::shared::lock;
use outcry_engine::{DepthLevel, Engine, LevelChange};
use outcry_protocol::Side;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The best levels of a book.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Depth {
    /// The last sequence that the book shows.
    pub sequence: u64,
    /// How many commands touched what the book shows.
    pub update_number: u64,
    /// Buyers, best first.
    pub bids: Vec<DepthLevel>,
    /// Sellers, best first.
    pub asks: Vec<DepthLevel>,
    /// The last trade's price in ticks.
    pub last_trade_ticks: Option<i64>,
}

/// One book: lots and orders by price.
#[derive(Debug, Default)]
struct Book {
    sequence: u64,
    update_number: u64,
    sides: [BTreeMap<i64, (u64, u32)>; 2],
    last_trade_ticks: Option<i64>,
}

/// All books. Locks are held while one run's changes of one book are made, or one reader copies
/// what it wants; the threads on the way of an order take none.
#[derive(Debug, Default)]
pub(crate) struct Books {
    by_number: RwLock<Vec<Option<Arc<Mutex<Book>>>>>,
}

impl Books {
    /// The books of an engine as it stands.
    pub(crate) fn of(engine: &Engine) -> Self {
        let books = Self::default();
        let mut levels = Vec::new();
        for definition in engine.instruments() {
            let instrument = definition.instrument;
            let book = books.book(instrument);
            let mut book = lock(&book);
            book.sequence = engine.sequence();
            book.update_number = engine.update_number(instrument);
            book.last_trade_ticks = engine.last_trade(instrument);
            for side in [Side::Buy, Side::Sell] {
                engine.depth(instrument, side, usize::MAX, &mut levels);
                let entries = levels.iter();
                book.sides[index(side)] = entries
                    .map(|level| (level.price_ticks, (level.quantity_lots, level.orders)))
                    .collect();
            }
        }
        books
    }

    fn find(&self, instrument: u32) -> Option<Arc<Mutex<Book>>> {
        let books = self
            .by_number
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        books.get(instrument as usize)?.clone()
    }

    /// The book of an instrument, made if need be.
    fn book(&self, instrument: u32) -> Arc<Mutex<Book>> {
        if let Some(book) = self.find(instrument) {
            return book;
        }
        let mut books = self
            .by_number
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let place = instrument as usize;
        if books.len() <= place {
            books.resize(place + 1, None);
        }
        Arc::clone(books[place].get_or_insert_default())
    }

    /// Makes the changes of a run.
    pub(crate) fn apply(&self, run: &Run) {
        let same_book =
            |left: &LevelChange, right: &LevelChange| left.instrument == right.instrument;
        let last_trades = run.last_trades.iter();
        for (changes, (_, last_trade)) in run.levels.chunk_by(same_book).zip(last_trades) {
            let book = self.book(changes[0].instrument);
            let mut book = lock(&book);
            book.sequence = run.last_sequence;
            book.update_number = changes[0].update_number;
            book.last_trade_ticks = *last_trade;
            for change in changes {
                let side = &mut book.sides[index(change.side)];
                if change.orders == 0 {
                    side.remove(&change.price_ticks);
                } else {
                    side.insert(change.price_ticks, (change.quantity_lots, change.orders));
                }
            }
        }
    }

    /// The best levels of an instrument; `None` if nothing ever stood in its book.
    pub(crate) fn depth(&self, instrument: u32, levels: usize) -> Option<Depth> {
        let book = self.find(instrument)?;
        let book = lock(&book);
        let level = |(price_ticks, (quantity_lots, orders)): (&i64, &(u64, u32))| DepthLevel {
            price_ticks: *price_ticks,
            quantity_lots: *quantity_lots,
            orders: *orders,
        };
        let [bids, asks] = &book.sides;
        Some(Depth {
            sequence: book.sequence,
            update_number: book.update_number,
            bids: bids.iter().rev().take(levels).map(level).collect(),
            asks: asks.iter().take(levels).map(level).collect(),
            last_trade_ticks: book.last_trade_ticks,
        })
    }
}

const fn index(side: Side) -> usize {
    match side {
        Side::Buy => 0,
        Side::Sell => 1,
    }
}
