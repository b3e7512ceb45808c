//! The spot API's words: what a new order says, and what is told of it and of a book.
//!
//! The shapes are those of Binance's public documents, as JSON. Nothing here knows Python or the
//! network: fields come in as texts, answers go out as bytes.

mod depth;
mod instrument;
mod json;
mod order;
mod refusal;
mod result;
mod step;
mod words;

pub use depth::write_depth;
pub use instrument::Instrument;
pub use json::{Json, places_of};
pub use order::{Detail, NewOrder};
pub use refusal::Refusal;
pub use result::{Fill, Outcome, Sizes, Stand, write_result};
pub use step::Step;
pub use words::Kind;
