//! What a command goes through once it has its sequence and time.

use crate::accounts::Act;
use crate::config::EngineConfig;
use crate::emit::{Emitter, EventSink};
use crate::machine::{Keeper, malformed};
use crate::market::Market;
use crate::refusal::Refusal;
use crate::requests::{Answer, Requests};
use outcry_protocol::{
    AccountRecord, AdminRecord, Command, CommandKind, EventRecord, ExtendedOrderRecord,
    InstrumentLimitsRecord, InstrumentRecord, ListRecord, MassCancelRecord, OrderRecord,
    RejectReason as R,
};

/// The state behind sequence, time and digest, but for the ledger.
#[derive(Debug, Clone)]
pub(crate) struct Core {
    pub(crate) market: Market,
    pub(crate) requests: Requests,
    pub(crate) config: EngineConfig,
}

/// Whose queues a command works before and after its own work.
#[derive(Debug, Clone, Copy)]
enum Named {
    /// That of an order which is not there.
    None,
    One(u32),
    All,
}

impl Named {
    /// That of the order which a command names, 0 for none.
    const fn of_order(instrument: u32) -> Self {
        match instrument {
            0 => Self::None,
            instrument => Self::One(instrument),
        }
    }

    /// That of a command's own instrument field.
    #[inline(always)]
    const fn of(instrument: u32) -> Self {
        match instrument {
            0 => Self::All,
            instrument => Self::One(instrument),
        }
    }
}

/// What an answer needs of any command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    account: u32,
    instrument: u32,
    request_id: [u64; 2],
    /// The order that the command names by id, or 0.
    order_id: u64,
    /// What the account must be able to do; `None` where it need not be there.
    pub(crate) act: Option<Act>,
}

impl Head {
    #[inline(always)]
    const fn of(record: &OrderRecord, act: Act) -> Self {
        Self {
            account: record.account,
            instrument: record.instrument,
            request_id: record.request_id,
            order_id: record.order_id,
            act: Some(act),
        }
    }

    pub(crate) const fn without_order(account: u32, instrument: u32, request_id: [u64; 2]) -> Self {
        Self {
            account,
            instrument,
            request_id,
            order_id: 0,
            act: Some(Act::Exist),
        }
    }
}

pub(crate) type Shape = Result<(), R>;

impl Core {
    pub(crate) fn new(config: EngineConfig) -> Self {
        Self {
            market: Market::new(&config),
            requests: Requests::new(config.remembered_requests),
            config,
        }
    }

    /// Runs a plain new order, cancel or replace.
    #[inline(always)]
    pub(crate) fn run_plain<S: EventSink, L: Keeper>(
        &mut self,
        kind: CommandKind,
        record: &OrderRecord,
        out: &mut Emitter<'_, S, L>,
    ) {
        let mut named = Named::of(record.instrument);
        let mut budget = self.config.work_max;
        if self.market.orders.has_due(out.time_ns) {
            self.market.expire_due(&mut budget, out);
        }
        if record.instrument == 0 && kind != CommandKind::New {
            named = Named::of_order(self.market.named_instrument(record, None, out.time_ns));
        }
        self.work(named, &mut budget, out);
        self.carry_out_plain(kind, record, out);
        self.work(named, &mut budget, out);
    }

    #[inline(always)]
    fn carry_out_plain<S: EventSink, L: Keeper>(
        &mut self,
        kind: CommandKind,
        record: &OrderRecord,
        out: &mut Emitter<'_, S, L>,
    ) {
        match kind {
            CommandKind::New => {
                let shape = record.check_new();
                self.answer_plain(record, Act::Trade, shape, out, |market, out| {
                    market.new_plain(record, out)
                });
            }
            CommandKind::Cancel => {
                let shape = record.check_cancel();
                self.answer_plain(record, Act::Exist, shape, out, |market, out| {
                    market.cancel_order(record, None, out)
                });
            }
            _ => {
                let shape = record.check_replace();
                self.answer_plain(record, Act::Trade, shape, out, |market, out| {
                    market.replace_order(record, 0, None, out)
                });
            }
        }
    }

    /// Runs any command.
    pub(crate) fn run<S: EventSink, L: Keeper>(
        &mut self,
        command: &Command<'_>,
        out: &mut Emitter<'_, S, L>,
    ) {
        let mut budget = self.config.work_max;
        self.market.expire_due(&mut budget, out);
        let named = self.named(command, out.time_ns);
        self.work(named, &mut budget, out);
        self.carry_out(command, out);
        self.work(named, &mut budget, out);
    }

    /// Runs what is due and refuses a record that is no command.
    pub(crate) fn run_malformed<S: EventSink, L: Keeper>(&mut self, out: &mut Emitter<'_, S, L>) {
        let mut budget = self.config.work_max;
        self.market.expire_due(&mut budget, out);
        self.work(Named::All, &mut budget, out);
        out.emit(malformed(out.sequence));
        self.work(Named::All, &mut budget, out);
    }

    #[inline(always)]
    fn work<S: EventSink, L: Keeper>(
        &mut self,
        named: Named,
        budget: &mut u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        if self.market.orders.queued == 0 {
            return;
        }
        match named {
            Named::None => {}
            Named::One(instrument) => self.market.work_queue(instrument, budget, out),
            Named::All => self.market.work_queues(budget, out),
        }
    }

    /// The instrument whose queue a command works.
    fn named(&self, command: &Command<'_>, time_ns: u64) -> Named {
        let by_order = |extended: &ExtendedOrderRecord| {
            let client = Some(extended.client_order_id);
            Named::of_order(
                self.market
                    .named_instrument(&extended.base, client, time_ns),
            )
        };
        match command {
            Command::New(record) => Named::of(record.instrument),
            Command::Cancel(record) | Command::Replace(record) => {
                Named::of_order(self.market.named_instrument(record, None, time_ns))
            }
            Command::NewExtended(record) => Named::of(record.base.instrument),
            Command::CancelExtended(record) | Command::ReplaceExtended(record) => by_order(record),
            Command::NewAmount(record) => Named::of(record.base.instrument),
            Command::NewList(record, _) => Named::of(record.instrument),
            Command::MassCancel(record) => Named::of(record.instrument),
            Command::Admin(CommandKind::CancelList, record) => {
                Named::of_order(self.market.instrument_of_list(record))
            }
            Command::Admin(_, record) => Named::of(record.instrument),
            Command::Instrument(_, record, _) => Named::of(record.instrument),
            Command::AddAsset(_)
            | Command::SetAccount(_)
            | Command::Funds(..)
            | Command::SettleWithdrawal(_) => Named::All,
        }
    }

    fn carry_out<S: EventSink, L: Keeper>(
        &mut self,
        command: &Command<'_>,
        out: &mut Emitter<'_, S, L>,
    ) {
        match command {
            Command::New(record) => self.carry_out_plain(CommandKind::New, record, out),
            Command::Cancel(record) => {
                self.carry_out_plain(CommandKind::Cancel, record, out);
            }
            Command::Replace(record) => {
                self.carry_out_plain(CommandKind::Replace, record, out);
            }
            Command::NewExtended(record) => self.new_extended(record, out),
            Command::CancelExtended(record) => self.cancel_extended(record, out),
            Command::ReplaceExtended(record) => self.replace_extended(record, out),
            Command::NewAmount(record) => {
                let head = Head::of(&record.base, Act::Trade);
                self.answer(head, record.check(), out, |market, out| {
                    market.new_amount(record, out)
                });
            }
            Command::MassCancel(record) => self.mass_cancel(record, out),
            Command::Admin(kind, record) => self.admin(*kind, record, out),
            Command::Instrument(kind, record, limits) => {
                self.instrument(*kind, record, limits, out);
            }
            Command::SetAccount(record) => self.set_account(record, out),
            Command::NewList(record, legs) => self.new_list(record, legs, out),
            Command::AddAsset(record) => self.add_asset(record, out),
            Command::Funds(CommandKind::Withdraw, record) => self.withdraw(record, out),
            Command::Funds(kind, record) => crate::funds::paid(*kind, record, out),
            Command::SettleWithdrawal(record) => {
                crate::funds::settle_withdrawal(record, out);
            }
        }
    }

    fn new_list<S: EventSink, L: Keeper>(
        &mut self,
        record: &ListRecord,
        legs: &[ExtendedOrderRecord],
        out: &mut Emitter<'_, S, L>,
    ) {
        let future = || {
            legs.iter()
                .try_for_each(|leg| check_expiry(leg, out.time_ns))
        };
        let shape = record.check().and_then(|()| record.check_legs(legs));
        let shape = shape.and_then(|()| future());
        let mut head = Head::without_order(record.account, record.instrument, record.request_id);
        head.act = Some(Act::Trade);
        self.answer(head, shape, out, |market, out| {
            market.new_list(record, legs, out)
        });
    }

    fn new_extended<S: EventSink, L: Keeper>(
        &mut self,
        record: &ExtendedOrderRecord,
        out: &mut Emitter<'_, S, L>,
    ) {
        let future = check_expiry(record, out.time_ns);
        let shape = record.check_new().and(future);
        let head = Head::of(&record.base, Act::Trade);
        self.answer(head, shape, out, |market, out| {
            market.new_extended(record, out)
        });
    }

    fn cancel_extended<S: EventSink, L: Keeper>(
        &mut self,
        record: &ExtendedOrderRecord,
        out: &mut Emitter<'_, S, L>,
    ) {
        let client = Some(record.client_order_id);
        let head = Head::of(&record.base, Act::Exist);
        self.answer(head, record.check_cancel(), out, |market, out| {
            market.cancel_order(&record.base, client, out)
        });
    }

    fn replace_extended<S: EventSink, L: Keeper>(
        &mut self,
        record: &ExtendedOrderRecord,
        out: &mut Emitter<'_, S, L>,
    ) {
        let client = Some(record.client_order_id);
        let head = Head::of(&record.base, Act::Trade);
        self.answer(head, record.check_replace(), out, |market, out| {
            market.replace_order(&record.base, record.stop, client, out)
        });
    }

    fn mass_cancel<S: EventSink, L: Keeper>(
        &mut self,
        record: &MassCancelRecord,
        out: &mut Emitter<'_, S, L>,
    ) {
        let head = Head::without_order(record.account, record.instrument, record.request_id);
        let most = self.config.mass_max;
        self.answer(head, record.check(), out, |market, out| {
            market.mass_cancel(record, most, out)
        });
    }

    fn admin<S: EventSink, L: Keeper>(
        &mut self,
        kind: CommandKind,
        record: &AdminRecord,
        out: &mut Emitter<'_, S, L>,
    ) {
        let head = Head::without_order(record.account, record.instrument, record.request_id);
        let instrument = record.instrument;
        let most = self.config.mass_max;
        self.answer(head, record.check(), out, |market, out| match kind {
            CommandKind::SetState => {
                let state = market.set_state(instrument, record.state)?;
                say_done(instrument, out);
                out.emit(EventRecord::state_changed(out.sequence, instrument, state));
                Ok(0)
            }
            CommandKind::SetReference => {
                market.set_reference(instrument, record.price_ticks)?;
                say_done(instrument, out);
                Ok(0)
            }
            CommandKind::EndSession => market.end_session(instrument, most, out),
            CommandKind::CancelList => market.cancel_list(record, out),
            _ => {
                say_done(0, out);
                Ok(0)
            }
        });
    }

    fn instrument<S: EventSink, L: Keeper>(
        &mut self,
        kind: CommandKind,
        record: &InstrumentRecord,
        limits: &InstrumentLimitsRecord,
        out: &mut Emitter<'_, S, L>,
    ) {
        let head = Head::without_order(0, record.instrument, record.request_id);
        let shape: Shape = record
            .check()
            .and_then(|()| limits.check(record.instrument));
        self.answer(head, shape, out, |market, out| {
            if kind == CommandKind::AddInstrument {
                market.add_instrument(*record, *limits, out.ledger)?;
            } else {
                market.update_instrument(*record, *limits, out.ledger)?;
            }
            say_done(record.instrument, out);
            Ok(0)
        });
    }

    fn set_account<S: EventSink, L: Keeper>(
        &mut self,
        record: &AccountRecord,
        out: &mut Emitter<'_, S, L>,
    ) {
        let mut head = Head::without_order(record.account, 0, record.request_id);
        head.act = None;
        let kept = record.check().map_err(Refusal::from);
        let shape = kept.and_then(|()| out.ledger.check_account(record));
        let shape = shape.map_err(|refusal| refusal.reason);
        self.answer(head, shape, out, |_, out| {
            out.ledger.set_account(record)?;
            say_done(0, out);
            Ok(0)
        });
    }

    /// [`Self::answer`] for the common case: a sound record without a request id that is carried
    /// out needs nothing of its head.
    #[inline(always)]
    fn answer_plain<S: EventSink, L: Keeper>(
        &mut self,
        record: &OrderRecord,
        act: Act,
        shape: Shape,
        out: &mut Emitter<'_, S, L>,
        execute: impl FnOnce(&mut Market, &mut Emitter<'_, S, L>) -> Result<u64, Refusal>,
    ) {
        if shape.is_ok() && record.request_id == [0; 2] {
            let admitted = out.ledger.admit(record.account, act);
            let result = admitted.and_then(|()| execute(&mut self.market, out));
            if let Err(refusal) = result {
                say_rejected(Head::of(record, act), refusal, out);
            }
        } else {
            self.answer(Head::of(record, act), shape, out, execute);
        }
    }

    /// Checks shape, request id and account, executes, says a refusal, and remembers the answer.
    #[inline]
    pub(crate) fn answer<S: EventSink, L: Keeper>(
        &mut self,
        head: Head,
        shape: Shape,
        out: &mut Emitter<'_, S, L>,
        execute: impl FnOnce(&mut Market, &mut Emitter<'_, S, L>) -> Result<u64, Refusal>,
    ) {
        if let Err(reason) = shape {
            return say_rejected(head, reason.into(), out);
        }
        if head.request_id != [0; 2] && self.repeats(head, out) {
            return;
        }
        let admitted = match head.act {
            Some(act) => out.ledger.admit(head.account, act),
            None => Ok(()),
        };
        let result = admitted.and_then(|()| execute(&mut self.market, out));
        if let Err(refusal) = result {
            say_rejected(head, refusal, out);
        }
        if head.request_id != [0; 2] {
            self.remember(head, result, out.sequence);
        }
    }

    /// Remembers how a request was answered; not for an account that is not there.
    #[cold]
    fn remember(&mut self, head: Head, result: Result<u64, Refusal>, sequence: u64) {
        let code = code_of(result);
        if code == R::UnknownAccount as u16 || code == R::TooManyAccounts as u16 {
            return;
        }
        let answer = Answer {
            sequence,
            code,
            order_id: result.unwrap_or(0),
        };
        self.requests
            .remember(head.account, head.request_id, answer);
    }

    /// Whether a request was answered before; says so if it was.
    #[cold]
    fn repeats<S: EventSink, L: Keeper>(&self, head: Head, out: &mut Emitter<'_, S, L>) -> bool {
        let Some(first) = self.requests.find(head.account, head.request_id) else {
            return false;
        };
        say_duplicate(head.instrument, first, out);
        true
    }
}

/// What is remembered of an answer: 0, or the reason's code.
pub(crate) fn code_of(result: Result<u64, Refusal>) -> u16 {
    result.map_or_else(|refusal| refusal.reason as u16, |_| 0)
}

/// Says how something was answered that was asked before.
pub(crate) fn say_duplicate<S: EventSink, L: Keeper>(
    instrument: u32,
    first: Answer,
    out: &mut Emitter<'_, S, L>,
) {
    let Answer {
        sequence,
        code,
        order_id,
    } = first;
    out.emit(EventRecord::duplicate_request(
        out.sequence,
        instrument,
        code,
        order_id,
        sequence,
    ));
}

/// Says that a command that is no order was accepted.
pub(crate) fn say_done<S: EventSink, L: Keeper>(instrument: u32, out: &mut Emitter<'_, S, L>) {
    out.emit(EventRecord::accepted(out.sequence, instrument, 0, 0, false));
}

#[cold]
pub(crate) fn say_rejected<S: EventSink, L: Keeper>(
    head: Head,
    refusal: Refusal,
    out: &mut Emitter<'_, S, L>,
) {
    let Refusal { reason, bound } = refusal;
    let rejected = EventRecord::rejected;
    out.emit(rejected(
        out.sequence,
        head.instrument,
        reason,
        head.order_id,
        bound,
    ));
}

/// Refuses an expiry that is not in the future.
pub(crate) fn check_expiry(record: &ExtendedOrderRecord, time_ns: u64) -> Shape {
    if record.expire_time_ns != 0 && record.expire_time_ns <= time_ns {
        Err(R::InvalidExpiry)
    } else {
        Ok(())
    }
}

/// The time that a command carries.
pub(crate) fn time_of(command: &Command<'_>) -> u64 {
    match command {
        Command::New(record) | Command::Cancel(record) | Command::Replace(record) => record.time_ns,
        Command::NewExtended(record)
        | Command::CancelExtended(record)
        | Command::ReplaceExtended(record) => record.base.time_ns,
        Command::NewAmount(record) => record.base.time_ns,
        Command::NewList(record, _) => record.time_ns,
        Command::MassCancel(record) => record.time_ns,
        Command::Admin(_, record) => record.time_ns,
        Command::Instrument(_, record, _) => record.time_ns,
        Command::AddAsset(record) => record.time_ns,
        Command::SetAccount(record) => record.time_ns,
        Command::Funds(_, record) => record.time_ns,
        Command::SettleWithdrawal(record) => record.time_ns,
    }
}
