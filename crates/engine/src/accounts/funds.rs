//! Money in, out and across.

use super::holders::EXTERNAL;
use super::{Accounts, Act, Withdrawal};
use crate::refusal::{Refusal, require, within};
use crate::requests::Answer;
use outcry_protocol::{
    AccountRecord, AssetRecord, CommandKind, FundsRecord, InstrumentRecord, MONEY_MAX,
    RejectReason as R, SettleRecord,
};

impl Accounts {
    /// Adds an asset.
    pub(crate) fn add_asset(&mut self, record: &AssetRecord) -> Result<(), Refusal> {
        self.assets.add(record)
    }

    /// Makes or changes an account.
    pub(crate) fn set_account(&mut self, record: &AccountRecord) -> Result<(), Refusal> {
        self.holders.set(record)
    }

    /// How a source's number was answered before, if it was.
    pub(crate) fn find_source(&self, source: [u64; 2]) -> Result<Option<Answer>, Refusal> {
        self.sources.find(source)
    }

    /// Notes how a source's number was answered.
    pub(crate) fn note_source(&mut self, source: [u64; 2], sequence: u64, code: u16) {
        self.sources.note(source, sequence, code);
    }

    /// Deposits, withdraws or transfers.
    pub(crate) fn move_funds(
        &mut self,
        kind: CommandKind,
        record: &FundsRecord,
        sequence: u64,
    ) -> Result<(), Refusal> {
        match kind {
            CommandKind::Deposit => self.deposit(record),
            CommandKind::Withdraw => self.withdraw(record, sequence),
            _ => self.transfer(record),
        }
    }

    fn deposit(&mut self, record: &FundsRecord) -> Result<(), Refusal> {
        let holder = self.admit(record.account, Act::Exist)?;
        self.assets.known(record.asset)?;
        let total = -self.available(EXTERNAL, record.asset);
        let room = MONEY_MAX - total.cast_unsigned();
        let amount = record.amount();
        within(amount <= room, R::TotalAboveMaximum, bound_of(room))?;
        let amount = amount.cast_signed();
        self.balance(EXTERNAL, record.asset).available -= amount;
        self.balance(holder, record.asset).available += amount;
        Ok(())
    }

    fn withdraw(&mut self, record: &FundsRecord, sequence: u64) -> Result<(), Refusal> {
        let holder = self.admit(record.account, Act::Withdraw)?;
        self.assets.known(record.asset)?;
        let most = self.withdrawals_max;
        let pending = self.holders.at(holder).withdrawals;
        within(pending < most, R::TooManyWithdrawals, most.into())?;
        let amount = record.amount();
        self.require(holder, record.asset, amount, 0)?;
        self.hold(holder, record.asset, amount);
        self.holders.at_mut(holder).withdrawals += 1;
        let withdrawal = Withdrawal {
            holder,
            asset: record.asset,
            amount,
        };
        self.withdrawals.insert(sequence, withdrawal);
        Ok(())
    }

    fn transfer(&mut self, record: &FundsRecord) -> Result<(), Refusal> {
        let payer = self.admit(record.account, Act::Pay)?;
        let payee = self.admit(record.to_account, Act::Exist)?;
        self.assets.known(record.asset)?;
        let amount = record.amount();
        self.require(payer, record.asset, amount, 0)?;
        let amount = amount.cast_signed();
        self.balance(payer, record.asset).available -= amount;
        self.balance(payee, record.asset).available += amount;
        Ok(())
    }

    /// Ends a withdrawal: the money left, or it stays.
    pub(crate) fn settle_withdrawal(&mut self, record: &SettleRecord) -> Result<(), Refusal> {
        let settled = self.withdrawals.remove(&record.withdrawal_sequence);
        let Some(withdrawal) = settled else {
            return Err(R::UnknownWithdrawal.into());
        };
        let Withdrawal {
            holder,
            asset,
            amount,
        } = withdrawal;
        self.holders.at_mut(holder).withdrawals -= 1;
        self.release(holder, asset, amount);
        if record.post == 1 {
            let amount = amount.cast_signed();
            self.balance(holder, asset).available -= amount;
            self.balance(EXTERNAL, asset).available += amount;
        }
        Ok(())
    }

    /// Refuses what a holder does not have, `own` counted in.
    #[inline(always)]
    pub(crate) fn require(
        &self,
        holder: u32,
        asset: u32,
        amount: u128,
        own: u128,
    ) -> Result<(), Refusal> {
        let has = self.available(holder, asset).cast_unsigned() + own;
        within(amount <= has, R::InsufficientBalance, bound_of(has))
    }

    /// Moves from what is available to what is held.
    #[inline(always)]
    pub(crate) fn hold(&mut self, holder: u32, asset: u32, amount: u128) {
        let balance = self.balance(holder, asset);
        balance.available -= amount.cast_signed();
        balance.held += amount.cast_signed();
    }

    /// Moves from what is held to what is available.
    #[inline(always)]
    pub(crate) fn release(&mut self, holder: u32, asset: u32, amount: u128) {
        let balance = self.balance(holder, asset);
        balance.available += amount.cast_signed();
        balance.held -= amount.cast_signed();
    }

    /// Holds `need` in place of `own`.
    #[inline(always)]
    pub(crate) fn rehold(&mut self, holder: u32, asset: u32, own: u128, need: u128) {
        let more = need.cast_signed() - own.cast_signed();
        let balance = self.balance(holder, asset);
        balance.available -= more;
        balance.held += more;
    }

    /// Refuses an instrument whose assets are not known, or whose decimals are not theirs.
    pub(crate) fn check_decimals(&self, definition: &InstrumentRecord) -> Result<(), Refusal> {
        let base = self.assets.known(definition.base_asset)?.decimals;
        let quote = self.assets.known(definition.quote_asset)?.decimals;
        let agrees = (base, quote) == (definition.base_decimals, definition.quote_decimals);
        require(agrees, R::AssetDecimals)
    }
}

/// An amount as the bound of a refusal: 2^64 - 1 stands for more.
fn bound_of(amount: u128) -> u64 {
    u64::try_from(amount).unwrap_or(u64::MAX)
}
