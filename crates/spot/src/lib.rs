//! The spot API's words: what a new order says; what is told of orders, balances and a book.
//!
//! The shapes are those of Binance's public documents, as JSON. Nothing here knows Python or the
//! network: fields come in as texts, answers go out as bytes.

mod balances;
mod depth;
mod figures;
mod instrument;
mod json;
mod order;
mod refusal;
mod report;
mod result;
mod step;
mod words;

pub use balances::{Balance, write_balances};
pub use depth::write_depth;
pub use figures::Figures;
pub use instrument::Instrument;
pub use json::Json;
pub use order::{Detail, NewOrder};
pub use refusal::Refusal;
pub use report::{OpenOrder, Words, write_report};
pub use result::{Fill, Outcome, Sizes, Stand, write_result};
pub use step::Step;
pub use words::Kind;
