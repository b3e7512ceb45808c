//! Accounts as far as the history needs them: their rates.

/// An account as its last `set_account` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub account: u32,
    /// Its trade group, 0 for its own.
    pub group: u32,
    /// Parts per million, negative for a rebate.
    pub maker_rate_ppm: i32,
    /// Parts per million.
    pub taker_rate_ppm: i32,
    /// As in its record.
    pub state: u8,
}
