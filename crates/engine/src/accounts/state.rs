//! The accounts as bytes, in the order that `docs/rules.md` gives.

use super::assets::Asset;
use super::holders::EXTERNAL;
use super::sources::Last;
use super::{Accounts, Withdrawal};
use crate::state::{LoadError, StateReader};
use outcry_protocol::{AccountRecord, EXTERNAL_ACCOUNT, MONEY_MAX, Text};

impl Accounts {
    /// Feeds assets, accounts, balances, withdrawals and sources to `feed`.
    pub(crate) fn feed_state(&self, feed: &mut impl FnMut(&[u8])) {
        let assets = self.assets.iter();
        feed(&(assets.len() as u32).to_le_bytes());
        for (number, asset) in assets {
            feed(&number.to_le_bytes());
            feed(&asset.name.0);
            feed(&[asset.decimals]);
            feed(&self.available(EXTERNAL, number).to_le_bytes());
        }
        self.feed_holders(feed);
        self.feed_balances(feed);
        feed(&(self.withdrawals.len() as u32).to_le_bytes());
        for (sequence, withdrawal) in &self.withdrawals {
            feed(&sequence.to_le_bytes());
            let account = self.holders.at(withdrawal.holder).account;
            feed(&account.to_le_bytes());
            feed(&withdrawal.asset.to_le_bytes());
            feed(&withdrawal.amount.to_le_bytes());
        }
        let sources = self.sources.iter();
        feed(&(sources.len() as u32).to_le_bytes());
        for (source, last) in sources {
            for number in [source, last.number, last.sequence] {
                feed(&number.to_le_bytes());
            }
            feed(&last.code.to_le_bytes());
        }
    }

    fn feed_holders(&self, feed: &mut impl FnMut(&[u8])) {
        feed(&self.holders.count().to_le_bytes());
        for holder in self.holders.sorted_from(0) {
            feed(&holder.account.to_le_bytes());
            feed(&holder.group.to_le_bytes());
            feed(&holder.maker_rate_ppm.to_le_bytes());
            feed(&holder.taker_rate_ppm.to_le_bytes());
            feed(&[holder.state as u8]);
        }
    }

    fn feed_balances(&self, feed: &mut impl FnMut(&[u8])) {
        let something = self.balances.iter().filter(|balance| {
            balance.account != EXTERNAL_ACCOUNT && (balance.available, balance.held) != (0, 0)
        });
        let mut balances: Vec<_> = something.collect();
        balances.sort_unstable_by_key(|balance| (balance.account, balance.asset));
        feed(&(balances.len() as u32).to_le_bytes());
        for balance in balances {
            feed(&balance.account.to_le_bytes());
            feed(&balance.asset.to_le_bytes());
            feed(&balance.available.to_le_bytes());
            feed(&balance.held.to_le_bytes());
        }
    }

    /// Takes up what [`Self::feed_state`] gave.
    ///
    /// # Errors
    /// [`LoadError`] names what is wrong; the accounts are of no use then.
    pub(crate) fn load_state(&mut self, from: &mut StateReader<'_>) -> Result<(), LoadError> {
        for _ in 0..from.u32()? {
            let number = from.u32()?;
            let name = Text(from.array()?);
            let decimals = from.u8()?;
            self.assets.insert(number, Asset { name, decimals });
            let external = from.i128()?;
            from.expect(
                (-MONEY_MAX.cast_signed()..=0).contains(&external),
                "external balance",
            )?;
            self.balance(EXTERNAL, number).available = external;
        }
        for _ in 0..from.u32()? {
            let mut record = AccountRecord::new(from.u32()?, from.u32()?);
            record.maker_rate_ppm = from.i32()?;
            record.taker_rate_ppm = from.i32()?;
            record.state = from.u8()?;
            let made = self.holders.set(&record);
            from.expect(made.is_ok(), "account")?;
        }
        self.load_balances(from)?;
        self.load_withdrawals(from)?;
        for _ in 0..from.u32()? {
            let source = from.u64()?;
            let last = Last {
                number: from.u64()?,
                sequence: from.u64()?,
                code: from.u16()?,
            };
            self.sources.insert(source, last);
        }
        self.end_turn();
        Ok(())
    }

    fn load_balances(&mut self, from: &mut StateReader<'_>) -> Result<(), LoadError> {
        for _ in 0..from.u32()? {
            let (account, asset) = (from.u32()?, from.u32()?);
            let holder = self.holders.find(account);
            from.expect(holder.is_some() && asset != 0, "balance")?;
            let balance = self.balance(holder.unwrap_or(EXTERNAL), asset);
            balance.available = from.i128()?;
            balance.held = from.i128()?;
        }
        Ok(())
    }

    fn load_withdrawals(&mut self, from: &mut StateReader<'_>) -> Result<(), LoadError> {
        for _ in 0..from.u32()? {
            let sequence = from.u64()?;
            let holder = self.holders.find(from.u32()?);
            from.expect(holder.is_some(), "withdrawal")?;
            let holder = holder.unwrap_or(EXTERNAL);
            let withdrawal = Withdrawal {
                holder,
                asset: from.u32()?,
                amount: from.i128()?.cast_unsigned(),
            };
            self.holders.at_mut(holder).withdrawals += 1;
            self.withdrawals.insert(sequence, withdrawal);
        }
        Ok(())
    }
}
