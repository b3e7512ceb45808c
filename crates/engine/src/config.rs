//! The bounds of an engine.

/// Bounds that every replica of a log must share: they decide what commands do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineConfig {
    /// The shard; order ids begin at `shard * 2^44 + 1`. Below 2^19.
    pub shard: u32,
    /// Most units of due work (expiries, queued orders) in one command, at least 1.
    pub work_max: u32,
    /// Most orders that one `mass_cancel` or `end_session` touches, at least 1.
    pub mass_max: u32,
    /// Request ids remembered for each account.
    pub remembered_requests: u32,
    /// Greatest instrument number.
    pub instrument_max: u32,
    /// Whether accounts have money: without it every account exists and may trade anything.
    pub money: bool,
    /// Most accounts, those of the venue not counted.
    pub accounts_max: u32,
    /// Greatest asset number.
    pub asset_max: u32,
    /// Most pending withdrawals of one account.
    pub withdrawals_max: u32,
    /// Most sources of money in and out.
    pub sources_max: u32,
    /// Whether the levels that change are kept for [`crate::Engine::take_level_changes`].
    pub tell_levels: bool,
    /// Room made at the start for this many open orders; more still fit.
    pub orders_capacity: u32,
    /// Whether all invariants are asserted after every command: slow, for tests.
    pub check_invariants: bool,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            shard: 0,
            work_max: 1_024,
            mass_max: 1_024,
            remembered_requests: 128,
            instrument_max: 65_535,
            money: false,
            accounts_max: 1 << 24,
            asset_max: 65_535,
            withdrawals_max: 128,
            sources_max: 65_536,
            tell_levels: false,
            orders_capacity: 1_024,
            check_invariants: cfg!(debug_assertions),
        }
    }
}
