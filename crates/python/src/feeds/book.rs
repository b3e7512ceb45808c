//! A book of price levels: texts of levels in, integers out.

use outcry_marketdata::book::{
    Book, BookError, Level, OrderFlowImbalance, Side, interleaved_checksum, stacked_checksum,
};
use outcry_marketdata::ingest::SCALE_MAX;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::bytes::AlignedBytes;
use crate::errors::invalid_value;

/// Price and quantity of the best bid, then of the best ask.
type Best = (Option<i64>, u64, Option<i64>, u64);

/// Quantities by price on both sides, and the order-flow imbalance of its best levels.
#[pyclass(module = "outcry._native")]
pub(crate) struct PriceBook {
    book: Book,
    flow: OrderFlowImbalance,
    /// The scales that the flow's levels are at.
    flow_scales: (u8, u8),
}

#[pymethods]
impl PriceBook {
    #[new]
    #[pyo3(signature = (price_scale=0, quantity_scale=0, /))]
    fn new(price_scale: u8, quantity_scale: u8) -> PyResult<Self> {
        for scale in [price_scale, quantity_scale] {
            if scale > SCALE_MAX {
                let bound = format!("must be at most {SCALE_MAX}");
                return Err(invalid_value("scale", &scale.to_string(), &bound));
            }
        }
        Ok(Self {
            book: Book::new(price_scale, quantity_scale),
            flow: OrderFlowImbalance::default(),
            flow_scales: (price_scale, quantity_scale),
        })
    }

    /// Sets levels whose first two fields are the texts of price and quantity; none removes one.
    fn apply(&mut self, bids: &Bound<'_, PyAny>, asks: &Bound<'_, PyAny>) -> PyResult<()> {
        for (side, levels) in [(Side::Bid, bids), (Side::Ask, asks)] {
            for level in levels.try_iter()? {
                let level = level?;
                let price = text_of("price", &level.get_item(0)?)?;
                let quantity = text_of("quantity", &level.get_item(1)?)?;
                let (price, quantity) = (price.to_str()?, quantity.to_str()?);
                self.book
                    .set_text(side, price.as_bytes(), quantity.as_bytes())
                    .map_err(|error| refused(error, price, quantity))?;
            }
        }
        Ok(())
    }

    /// Sets many levels in integers at the book's scales: sides as bytes (1 for bids), prices and
    /// quantities as 64-bit integers.
    fn set_levels(
        &mut self,
        py: Python<'_>,
        is_bid: &Bound<'_, PyAny>,
        prices: &Bound<'_, PyAny>,
        quantities: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let is_bid = AlignedBytes::of(is_bid)?;
        let (prices, quantities) = (AlignedBytes::of(prices)?, AlignedBytes::of(quantities)?);
        let whole = |bytes: &[u8]| bytes.len() == is_bid.len() * 8;
        if !whole(&prices) || !whole(&quantities) {
            let lengths = format!("{}, {}", prices.len(), quantities.len());
            return Err(invalid_value("levels", &lengths, "bytes must be 8 a side"));
        }
        py.detach(|| {
            let (prices, _) = prices.as_chunks::<8>();
            let (quantities, _) = quantities.as_chunks::<8>();
            for ((is_bid, price), quantity) in is_bid.iter().zip(prices).zip(quantities) {
                // The one price whose sign cannot be turned counts as its neighbour.
                let price = i64::from_le_bytes(*price).max(-i64::MAX);
                let quantity = u64::from_le_bytes(*quantity);
                self.book.set(side_of(*is_bid == 1), price, quantity);
            }
        });
        Ok(())
    }

    /// The best levels.
    fn best(&self) -> Best {
        let quote = self.book.quote();
        let price = |level: Option<Level>| level.map(|level| level.price);
        let held = |level: Option<Level>| level.map_or(0, |level| level.quantity);
        (
            price(quote.bid),
            held(quote.bid),
            price(quote.ask),
            held(quote.ask),
        )
    }

    /// Price and quantity of so many best levels of a side.
    fn levels(&self, is_bid: bool, count: usize) -> Vec<(i64, u64)> {
        let levels = self.book.levels(side_of(is_bid)).take(count);
        levels.map(|level| (level.price, level.quantity)).collect()
    }

    /// How many levels a side has.
    fn count(&self, is_bid: bool) -> usize {
        self.book.count(side_of(is_bid))
    }

    /// Removes what lies behind so many best levels.
    fn truncate(&mut self, levels: usize) {
        self.book.truncate(levels);
    }

    /// Removes every level; what comes next does not follow what was.
    fn clear(&mut self) {
        self.book.clear();
        self.flow.restart();
    }

    /// Decimals of prices and of quantities.
    #[getter]
    fn scales(&self) -> (u8, u8) {
        (self.book.price_scale(), self.book.quantity_scale())
    }

    /// Whether a bid is at or above an ask.
    #[getter]
    fn is_crossed(&self) -> bool {
        self.book.is_crossed()
    }

    /// Kraken's checksum of so many levels.
    fn stacked_checksum(&self, levels: usize) -> u32 {
        stacked_checksum(&self.book, levels)
    }

    /// OKX's checksum of so many levels.
    fn interleaved_checksum(&self, levels: usize) -> i32 {
        interleaved_checksum(&self.book, levels)
    }

    /// What the change of the best levels since the last call added to the imbalance.
    fn flow(&mut self) -> i128 {
        let scales = self.scales();
        if scales != self.flow_scales {
            let (prices, quantities) = self.flow_scales;
            let price_power = 10_i64.checked_pow(u32::from(scales.0 - prices));
            let quantity_power = 10_u64.checked_pow(u32::from(scales.1 - quantities));
            match (price_power, quantity_power) {
                (Some(prices), Some(quantities)) => self.flow.raise(prices, quantities),
                _ => self.flow.restart(),
            }
            self.flow_scales = scales;
        }
        self.flow.update(self.book.quote())
    }
}

const fn side_of(is_bid: bool) -> Side {
    if is_bid { Side::Bid } else { Side::Ask }
}

fn text_of<'py>(field: &str, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    let text = value.cast::<PyString>().cloned();
    text.map_err(|_| invalid_value(field, &crate::errors::shown(value), "is no text"))
}

#[cold]
fn refused(error: BookError, price: &str, quantity: &str) -> PyErr {
    let (field, text) = if error.is_price {
        ("price", price)
    } else {
        ("quantity", quantity)
    };
    invalid_value(field, text, error.reason.name())
}
