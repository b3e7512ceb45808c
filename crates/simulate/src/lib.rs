//! Order flows made by seed.
//!
//! Every flow is a function of its parameters and its seed alone: no clock, no system randomness,
//! and no function of the platform's mathematics library. Most flows are lists of [`flow::Step`]s
//! in the terms of a trader's intent, which [`encode`] turns into command records; [`Workload`]
//! names the flows.
//!
//! | module | flow |
//! |---|---|
//! | [`w1`] | the public matching-engine referee's canonical stream, five scenarios |
//! | [`w2`] | exchange-core's order generator, which watches a book and keeps it at a target size |
//! | [`w5`] | Liquibook's stream of adds in a narrow band |
//! | [`exchange`] | `w2` among a thousand accounts that hold funds, with client ids |
//! | [`live_book`] | a deep book of resting orders, then random new, cancel and replace |
//! | [`traders`] | traders with balances, who learn what became of their orders |
//! | [`mixed`] | every kind of order and of command to the market, some of them malformed |

pub mod encode;
pub mod exchange;
pub mod flow;
mod java_random;
pub mod live_book;
pub mod mixed;
mod mt19937;
mod oldest;
pub mod plain_book;
mod random;
pub mod traders;
pub mod w1;
pub mod w2;
pub mod w5;
mod workload;

pub use workload::{Workload, command_log};
