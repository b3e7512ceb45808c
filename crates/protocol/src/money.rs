//! The records of assets, accounts and money in and out.

use crate::check::require;
use crate::layout::record;
use crate::{AccountState, CommandKind, RejectReason, Text, VERSION};

/// No asset's total exceeds this many smallest units.
pub const MONEY_MAX: u128 = 1 << 100;

/// The venue's account of fees: it may transfer and withdraw, not trade.
pub const FEE_ACCOUNT: u32 = u32::MAX;

/// The account of what is on deposit, with its sign turned.
pub const EXTERNAL_ACCOUNT: u32 = 0;

/// A whole fee: 10^6 parts per million.
const RATE_MAX_PPM: i32 = 1_000_000;

/// Most decimals an asset can have.
pub(crate) const DECIMALS_MAX: u8 = 24;

record! {
    /// A new asset: 64 bytes.
    AssetRecord, 64 {
        /// [`CommandKind::AddAsset`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// The asset's number, from 1.
        asset: u32,
        /// Nanoseconds since 1970 UTC.
        time_ns: u64,
        /// The request id, low word first; zero for none.
        request_id: [u64; 2],
        /// The asset's name.
        name: Text<16>,
        /// Decimals of its smallest unit.
        decimals: u8,
        /// Zeros.
        reserved: [u8; 15],
    }
}

record! {
    /// An account's state, fee rates and trade group: 64 bytes.
    AccountRecord, 64 {
        /// [`CommandKind::SetAccount`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// Zero: the command names no instrument.
        instrument: u32,
        /// Nanoseconds since 1970 UTC.
        time_ns: u64,
        /// The request id, low word first; zero for none.
        request_id: [u64; 2],
        /// The account's number, from 1.
        account: u32,
        /// The trade group; 0 makes the account its own group.
        group: u32,
        /// What makers pay, in parts per million; negative for a rebate.
        maker_rate_ppm: i32,
        /// What takers pay, in parts per million.
        taker_rate_ppm: i32,
        /// [`AccountState`].
        state: u8,
        /// Zeros.
        reserved: [u8; 15],
    }
}

record! {
    /// Money in, out or across: 64 bytes. Serves `deposit`, `withdraw` and `transfer`.
    FundsRecord, 64 {
        /// One of those kinds.
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// The asset's number.
        asset: u32,
        /// Nanoseconds since 1970 UTC.
        time_ns: u64,
        /// Of a withdrawal the request id; of a deposit or transfer its source and the source's
        /// rising number, both above 0.
        request_id: [u64; 2],
        /// The account paid or charged; of a transfer the one that pays.
        account: u32,
        /// Of a transfer the account that is paid, else 0.
        to_account: u32,
        /// The amount in the asset's smallest units, low word first.
        amount: [u64; 2],
        /// Zeros.
        reserved: u64,
    }
}

record! {
    /// The end of a withdrawal: 64 bytes.
    SettleRecord, 64 {
        /// [`CommandKind::SettleWithdrawal`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// Zero: the command names no instrument.
        instrument: u32,
        /// Nanoseconds since 1970 UTC.
        time_ns: u64,
        /// The source and its rising number.
        source: [u64; 2],
        /// The sequence of the withdrawal.
        withdrawal_sequence: u64,
        /// 1 when the money left, 0 when it stays.
        post: u8,
        /// Zeros.
        reserved: [u8; 23],
    }
}

impl AssetRecord {
    /// A new asset.
    #[must_use]
    pub const fn new(asset: u32, name: Text<16>, decimals: u8) -> Self {
        Self {
            kind: CommandKind::AddAsset as u8,
            version: VERSION,
            flags: 0,
            asset,
            time_ns: 0,
            request_id: [0; 2],
            name,
            decimals,
            reserved: [0; 15],
        }
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Result<(), RejectReason> {
        use RejectReason as R;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        require(self.asset != 0, R::InvalidInstrument)?;
        require(
            !self.name.is_empty() && self.name.is_valid(),
            R::InvalidSymbol,
        )?;
        require(self.decimals <= DECIMALS_MAX, R::InvalidIncrement)?;
        require(self.reserved == [0; 15], R::InvalidReserved)
    }
}

impl AccountRecord {
    /// An active account in a group, without fees.
    #[must_use]
    pub const fn new(account: u32, group: u32) -> Self {
        Self {
            kind: CommandKind::SetAccount as u8,
            version: VERSION,
            flags: 0,
            instrument: 0,
            time_ns: 0,
            request_id: [0; 2],
            account,
            group,
            maker_rate_ppm: 0,
            taker_rate_ppm: 0,
            state: AccountState::Active as u8,
            reserved: [0; 15],
        }
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Result<(), RejectReason> {
        use RejectReason as R;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        require(self.instrument == 0, R::InvalidInstrument)?;
        require(self.account != 0, R::InvalidAccount)?;
        let maker = (-RATE_MAX_PPM..=RATE_MAX_PPM).contains(&self.maker_rate_ppm);
        let taker = (0..=RATE_MAX_PPM).contains(&self.taker_rate_ppm);
        require(maker && taker, R::InvalidAmount)?;
        require(AccountState::try_from(self.state).is_ok(), R::InvalidState)?;
        require(self.reserved == [0; 15], R::InvalidReserved)
    }
}

impl FundsRecord {
    /// Money in: the `number`th of `source`.
    #[must_use]
    pub const fn deposit(source: [u64; 2], account: u32, asset: u32, amount: u128) -> Self {
        Self {
            kind: CommandKind::Deposit as u8,
            version: VERSION,
            flags: 0,
            asset,
            time_ns: 0,
            request_id: source,
            account,
            to_account: 0,
            amount: [amount as u64, (amount >> 64) as u64],
            reserved: 0,
        }
    }

    /// Money that is held until it is known to have left.
    #[must_use]
    pub const fn withdraw(account: u32, asset: u32, amount: u128) -> Self {
        let mut record = Self::deposit([0; 2], account, asset, amount);
        record.kind = CommandKind::Withdraw as u8;
        record
    }

    /// Money from one account to another.
    #[must_use]
    pub const fn transfer(
        source: [u64; 2],
        account: u32,
        to_account: u32,
        asset: u32,
        amount: u128,
    ) -> Self {
        let mut record = Self::deposit(source, account, asset, amount);
        record.kind = CommandKind::Transfer as u8;
        record.to_account = to_account;
        record
    }

    /// The amount in the asset's smallest units.
    #[must_use]
    pub const fn amount(&self) -> u128 {
        self.amount[0] as u128 | (self.amount[1] as u128) << 64
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Result<(), RejectReason> {
        use RejectReason as R;
        let is_transfer = self.kind == CommandKind::Transfer as u8;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        require(self.asset != 0, R::InvalidInstrument)?;
        require(self.account != 0, R::InvalidAccount)?;
        require(is_transfer == (self.to_account != 0), R::InvalidAccount)?;
        require(
            !is_transfer || self.to_account != self.account,
            R::InvalidAccount,
        )?;
        require(matches!(self.amount(), 1..=MONEY_MAX), R::InvalidAmount)?;
        require(self.reserved == 0, R::InvalidReserved)?;
        let sourced = self.kind != CommandKind::Withdraw as u8;
        require(!sourced || is_source(self.request_id), R::InvalidSource)
    }
}

impl SettleRecord {
    /// The end of the withdrawal with this sequence: the money left, or it stays.
    #[must_use]
    pub const fn new(source: [u64; 2], withdrawal_sequence: u64, post: bool) -> Self {
        Self {
            kind: CommandKind::SettleWithdrawal as u8,
            version: VERSION,
            flags: 0,
            instrument: 0,
            time_ns: 0,
            source,
            withdrawal_sequence,
            post: post as u8,
            reserved: [0; 23],
        }
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Result<(), RejectReason> {
        use RejectReason as R;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        require(self.instrument == 0, R::InvalidInstrument)?;
        require(self.withdrawal_sequence != 0, R::InvalidOrderId)?;
        require(self.post <= 1, R::InvalidState)?;
        require(self.reserved == [0; 23], R::InvalidReserved)?;
        require(is_source(self.source), R::InvalidSource)
    }
}

/// Whether both a source and its number are there.
const fn is_source(source: [u64; 2]) -> bool {
    source[0] != 0 && source[1] != 0
}
