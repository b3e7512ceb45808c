//! Where market and money meet: the ledgers that a machine can have.

use crate::accounts::{Accounts, Act, Party};
use crate::accounts_absent::Groups;
use crate::config::EngineConfig;
use crate::emit::{Emitter, EventSink};
use crate::machine::Keeper;
use crate::market::{Ledger, Need, Settlement, Stamp, Terms};
use crate::refusal::{Refusal, require};
use crate::requests::Answer;
use crate::state::{LoadError, StateReader};
use outcry_protocol::{
    AccountRecord, AccountState, AssetRecord, CommandKind, EventRecord, FundsRecord,
    InstrumentRecord, RejectReason as R, SettleRecord, Side,
};
use std::collections::BTreeMap;

impl Ledger for Accounts {
    const KEEPS: bool = true;

    #[inline(always)]
    fn terms(&self, account: u32) -> Terms {
        self.terms_of(account)
            .map_or_else(Terms::default, |(wallet, group, maker, taker)| Terms {
                group,
                stamp: Stamp {
                    wallet,
                    maker_rate_ppm: maker,
                    taker_rate_ppm: taker,
                },
            })
    }

    fn check_decimals(&self, definition: &InstrumentRecord) -> Result<(), Refusal> {
        Self::check_decimals(self, definition)
    }

    fn available(&self, stamp: Stamp, asset: u32) -> u128 {
        u128::try_from(Self::available(self, stamp.wallet, asset)).unwrap_or(0)
    }

    #[inline(always)]
    fn require(&self, stamp: Stamp, need: Need, own: u128) -> Result<(), Refusal> {
        Self::require(self, stamp.wallet, need.asset, need.amount, own)
    }

    #[inline(always)]
    fn hold(&mut self, stamp: Stamp, need: Need) {
        Self::hold(self, stamp.wallet, need.asset, need.amount);
    }

    #[inline(always)]
    fn release(&mut self, stamp: Stamp, need: Need) {
        Self::release(self, stamp.wallet, need.asset, need.amount);
    }

    #[inline(always)]
    fn rehold(&mut self, stamp: Stamp, own: Need, need: Need) {
        Self::rehold(self, stamp.wallet, own.asset, own.amount, need.amount);
    }

    #[inline(always)]
    fn settle(&mut self, settlement: &Settlement) {
        let Settlement {
            taker,
            maker,
            side,
            base,
            quote,
        } = *settlement;
        let (given, taken) = match side {
            Side::Buy => (quote, base),
            Side::Sell => (base, quote),
        };
        let taker = Party {
            holder: taker.wallet,
            rate_ppm: taker.taker_rate_ppm,
        };
        let maker = Party {
            holder: maker.wallet,
            rate_ppm: maker.maker_rate_ppm,
        };
        let amount = |need: Need| (need.asset, need.amount);
        self.exchange(taker, maker, amount(given), amount(taken));
    }
}

impl Keeper for Accounts {
    fn new(config: &EngineConfig) -> Self {
        Self::new(config)
    }

    #[inline(always)]
    fn admit(&self, account: u32, act: Act) -> Result<(), Refusal> {
        if account == 0 {
            return Ok(());
        }
        Self::admit(self, account, act).map(|_| ())
    }

    fn check_account(&self, _: &AccountRecord) -> Result<(), Refusal> {
        Ok(())
    }

    fn set_account(&mut self, record: &AccountRecord) -> Result<(), Refusal> {
        Self::set_account(self, record)
    }

    fn add_asset(&mut self, record: &AssetRecord) -> Result<(), Refusal> {
        Self::add_asset(self, record)
    }

    fn move_funds(
        &mut self,
        kind: CommandKind,
        record: &FundsRecord,
        sequence: u64,
    ) -> Result<(), Refusal> {
        Self::move_funds(self, kind, record, sequence)
    }

    fn settle_withdrawal(&mut self, record: &SettleRecord) -> Result<(), Refusal> {
        Self::settle_withdrawal(self, record)
    }

    fn find_source(&self, source: [u64; 2]) -> Result<Option<Answer>, Refusal> {
        Self::find_source(self, source)
    }

    fn note_source(&mut self, source: [u64; 2], sequence: u64, code: u16) {
        Self::note_source(self, source, sequence, code);
    }

    #[inline(always)]
    fn say_changes<S: EventSink>(out: &mut Emitter<'_, S, Self>) {
        let touched = out.ledger.touched();
        if touched == 0 {
            return;
        }
        out.ledger.sort_touched();
        for number in 0..touched {
            if let Some((change, available, held)) = out.ledger.change(number) {
                let (account, asset) = (change.account, change.asset);
                out.emit(EventRecord::balance_changed(out.sequence, asset, available));
                out.emit(EventRecord::balance_held(account, asset, held));
            }
        }
        out.ledger.end_turn();
    }

    fn assert_invariants(&self, needs: &BTreeMap<(u32, u32), u128>) {
        Self::assert_invariants(self, needs);
    }

    fn feed_state(&self, feed: &mut impl FnMut(&[u8])) {
        Self::feed_state(self, feed);
    }

    fn load_state(&mut self, from: &mut StateReader<'_>) -> Result<(), LoadError> {
        Self::load_state(self, from)
    }
}

impl Ledger for Groups {
    const KEEPS: bool = false;

    #[inline(always)]
    fn terms(&self, account: u32) -> Terms {
        Terms {
            group: self.of(account),
            stamp: Stamp::default(),
        }
    }

    fn check_decimals(&self, _: &InstrumentRecord) -> Result<(), Refusal> {
        Ok(())
    }

    fn available(&self, _: Stamp, _: u32) -> u128 {
        u128::MAX
    }

    #[inline(always)]
    fn require(&self, _: Stamp, _: Need, _: u128) -> Result<(), Refusal> {
        Ok(())
    }

    #[inline(always)]
    fn hold(&mut self, _: Stamp, _: Need) {}

    #[inline(always)]
    fn release(&mut self, _: Stamp, _: Need) {}

    #[inline(always)]
    fn rehold(&mut self, _: Stamp, _: Need, _: Need) {}

    #[inline(always)]
    fn settle(&mut self, _: &Settlement) {}
}

impl Keeper for Groups {
    fn new(_: &EngineConfig) -> Self {
        Self::default()
    }

    #[inline(always)]
    fn admit(&self, _: u32, _: Act) -> Result<(), Refusal> {
        Ok(())
    }

    fn check_account(&self, record: &AccountRecord) -> Result<(), Refusal> {
        let rates = record.maker_rate_ppm != 0 || record.taker_rate_ppm != 0;
        let restricted = record.state != AccountState::Active as u8;
        require(!rates && !restricted, R::NotSupported)
    }

    fn set_account(&mut self, record: &AccountRecord) -> Result<(), Refusal> {
        self.set(record.account, record.group);
        Ok(())
    }

    fn add_asset(&mut self, _: &AssetRecord) -> Result<(), Refusal> {
        Err(R::NotSupported.into())
    }

    fn move_funds(&mut self, _: CommandKind, _: &FundsRecord, _: u64) -> Result<(), Refusal> {
        Err(R::NotSupported.into())
    }

    fn settle_withdrawal(&mut self, _: &SettleRecord) -> Result<(), Refusal> {
        Err(R::NotSupported.into())
    }

    fn find_source(&self, _: [u64; 2]) -> Result<Option<Answer>, Refusal> {
        Ok(None)
    }

    fn note_source(&mut self, _: [u64; 2], _: u64, _: u16) {}

    #[inline(always)]
    fn say_changes<S: EventSink>(_: &mut Emitter<'_, S, Self>) {}

    fn assert_invariants(&self, _: &BTreeMap<(u32, u32), u128>) {}

    fn feed_state(&self, feed: &mut impl FnMut(&[u8])) {
        Self::feed_state(self, feed);
    }

    fn load_state(&mut self, from: &mut StateReader<'_>) -> Result<(), LoadError> {
        Self::load_state(self, from)
    }
}
