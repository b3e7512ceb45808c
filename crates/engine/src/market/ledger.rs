//! What the market asks of whoever keeps the money, and tells them.
//!
//! The market works out what an order needs and what a trade moves; it knows no balance. A machine
//! without money has a ledger that agrees to everything ([`Ledger::KEEPS`] is false then, and no
//! code is made for any of it).

use crate::refusal::Refusal;
use outcry_protocol::{InstrumentRecord, Side};

/// What an order carries from its entry for the ledger's sake. The market does not look into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stamp {
    /// Where the ledger finds the account.
    pub(crate) wallet: u32,
    /// The account's rates when the order came, in parts per million.
    pub(crate) maker_rate_ppm: i32,
    pub(crate) taker_rate_ppm: i32,
}

/// What an account's orders are stamped with on entry.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Terms {
    /// The trade group.
    pub(crate) group: u32,
    pub(crate) stamp: Stamp,
}

/// An amount of an asset, in its smallest units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Need {
    pub(crate) asset: u32,
    pub(crate) amount: u128,
}

/// What a trade moves between two orders.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settlement {
    pub(crate) taker: Stamp,
    pub(crate) maker: Stamp,
    /// The taker's side.
    pub(crate) side: Side,
    /// What the seller gives.
    pub(crate) base: Need,
    /// What the buyer gives.
    pub(crate) quote: Need,
}

/// Keeps the money of the accounts, or does without.
pub(crate) trait Ledger {
    /// Whether there is money at all.
    const KEEPS: bool;

    /// What an order of this account is stamped with now. The account was admitted before.
    fn terms(&self, account: u32) -> Terms;

    /// Refuses an instrument whose assets are not known, or whose decimals are not theirs.
    fn check_decimals(&self, definition: &InstrumentRecord) -> Result<(), Refusal>;

    /// What the account has available of an asset.
    fn available(&self, stamp: Stamp, asset: u32) -> u128;

    /// Refuses what the account does not have, `own` counted in.
    fn require(&self, stamp: Stamp, need: Need, own: u128) -> Result<(), Refusal>;

    /// Moves from what is available to what is held.
    fn hold(&mut self, stamp: Stamp, need: Need);

    /// Moves from what is held to what is available.
    fn release(&mut self, stamp: Stamp, need: Need);

    /// Holds `need` in place of `own`, of the same asset.
    fn rehold(&mut self, stamp: Stamp, own: Need, need: Need);

    /// Moves what a trade moves: the taker gives of what is available, the maker of what it holds.
    fn settle(&mut self, settlement: &Settlement);
}
