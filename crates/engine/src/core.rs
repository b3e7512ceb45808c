//! What a command goes through once it has its sequence and time.

use crate::config::EngineConfig;
use crate::emit::{Emitter, EventSink};
use crate::engine::malformed;
use crate::market::{Market, Refusal};
use crate::requests::{Answer, Requests};
use outcry_protocol::{
    AccountRecord, AccountState, AdminRecord, Command, CommandKind, EventRecord,
    ExtendedOrderRecord, InstrumentLimitsRecord, InstrumentRecord, MassCancelRecord, OrderRecord,
    RejectReason as R,
};

/// The state behind sequence, time and digest.
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
struct Head {
    account: u32,
    instrument: u32,
    request_id: [u64; 2],
    /// The order that the command names by id, or 0.
    order_id: u64,
}

impl Head {
    #[inline(always)]
    const fn of(record: &OrderRecord) -> Self {
        Self {
            account: record.account,
            instrument: record.instrument,
            request_id: record.request_id,
            order_id: record.order_id,
        }
    }

    const fn without_order(account: u32, instrument: u32, request_id: [u64; 2]) -> Self {
        Self {
            account,
            instrument,
            request_id,
            order_id: 0,
        }
    }
}

type Shape = Result<(), R>;

impl Core {
    /// Runs a plain new order, cancel or replace.
    #[inline(always)]
    pub(crate) fn run_plain<S: EventSink>(
        &mut self,
        kind: CommandKind,
        record: &OrderRecord,
        out: &mut Emitter<'_, S>,
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
    fn carry_out_plain<S: EventSink>(
        &mut self,
        kind: CommandKind,
        record: &OrderRecord,
        out: &mut Emitter<'_, S>,
    ) {
        match kind {
            CommandKind::New => {
                self.answer_plain(record, record.check_new(), out, |market, out| {
                    market.new_plain(record, out)
                });
            }
            CommandKind::Cancel => {
                self.answer_plain(record, record.check_cancel(), out, |market, out| {
                    market.cancel_order(record, None, out)
                });
            }
            _ => {
                self.answer_plain(record, record.check_replace(), out, |market, out| {
                    market.replace_order(record, 0, None, out)
                });
            }
        }
    }

    /// Runs any command.
    pub(crate) fn run<S: EventSink>(&mut self, command: &Command<'_>, out: &mut Emitter<'_, S>) {
        let mut budget = self.config.work_max;
        self.market.expire_due(&mut budget, out);
        let named = self.named(command, out.time_ns);
        self.work(named, &mut budget, out);
        self.carry_out(command, out);
        self.work(named, &mut budget, out);
    }

    /// Runs what is due and refuses a record that is no command.
    pub(crate) fn run_malformed<S: EventSink>(&mut self, out: &mut Emitter<'_, S>) {
        let mut budget = self.config.work_max;
        self.market.expire_due(&mut budget, out);
        self.work(Named::All, &mut budget, out);
        out.emit(malformed(out.sequence));
        self.work(Named::All, &mut budget, out);
    }

    #[inline(always)]
    fn work<S: EventSink>(&mut self, named: Named, budget: &mut u32, out: &mut Emitter<'_, S>) {
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
            Command::Admin(_, record) => Named::of(record.instrument),
            Command::Instrument(_, record, _) => Named::of(record.instrument),
            Command::AddAsset(_)
            | Command::SetAccount(_)
            | Command::Funds(..)
            | Command::SettleWithdrawal(_) => Named::All,
        }
    }

    fn carry_out<S: EventSink>(&mut self, command: &Command<'_>, out: &mut Emitter<'_, S>) {
        let (head, shape) = match command {
            Command::New(record) => return self.carry_out_plain(CommandKind::New, record, out),
            Command::Cancel(record) => {
                return self.carry_out_plain(CommandKind::Cancel, record, out);
            }
            Command::Replace(record) => {
                return self.carry_out_plain(CommandKind::Replace, record, out);
            }
            Command::NewExtended(record) => return self.new_extended(record, out),
            Command::CancelExtended(record) => return self.cancel_extended(record, out),
            Command::ReplaceExtended(record) => return self.replace_extended(record, out),
            Command::NewAmount(record) => {
                let head = Head::of(&record.base);
                return self.answer(head, record.check(), out, |market, out| {
                    market.new_amount(record, out)
                });
            }
            Command::MassCancel(record) => return self.mass_cancel(record, out),
            Command::Admin(kind, record) => return self.admin(*kind, record, out),
            Command::Instrument(kind, record, limits) => {
                return self.instrument(*kind, record, limits, out);
            }
            Command::SetAccount(record) => return self.set_account(record, out),
            Command::NewList(record, legs) => {
                let legs = legs.iter().try_for_each(ExtendedOrderRecord::check_new);
                let head = Head::without_order(record.account, record.instrument, [0; 2]);
                (head, record.check().and(legs).and(Err(R::NotSupported)))
            }
            Command::AddAsset(record) => {
                let head = Head::without_order(0, 0, [0; 2]);
                (head, record.check().and(Err(R::NotSupported)))
            }
            Command::Funds(_, record) => {
                let head = Head::without_order(record.account, 0, [0; 2]);
                (head, record.check().and(Err(R::NotSupported)))
            }
            Command::SettleWithdrawal(record) => {
                let head = Head::without_order(0, 0, [0; 2]);
                (head, record.check().and(Err(R::NotSupported)))
            }
        };
        self.answer(head, shape, out, |_, _| Ok(0));
    }

    fn new_extended<S: EventSink>(
        &mut self,
        record: &ExtendedOrderRecord,
        out: &mut Emitter<'_, S>,
    ) {
        let past = record.expire_time_ns != 0 && record.expire_time_ns <= out.time_ns;
        let future = if past { Err(R::InvalidExpiry) } else { Ok(()) };
        let shape = record.check_new().and(future);
        self.answer(Head::of(&record.base), shape, out, |market, out| {
            market.new_extended(record, out)
        });
    }

    fn cancel_extended<S: EventSink>(
        &mut self,
        record: &ExtendedOrderRecord,
        out: &mut Emitter<'_, S>,
    ) {
        let client = Some(record.client_order_id);
        self.answer(
            Head::of(&record.base),
            record.check_cancel(),
            out,
            |market, out| market.cancel_order(&record.base, client, out),
        );
    }

    fn replace_extended<S: EventSink>(
        &mut self,
        record: &ExtendedOrderRecord,
        out: &mut Emitter<'_, S>,
    ) {
        let client = Some(record.client_order_id);
        self.answer(
            Head::of(&record.base),
            record.check_replace(),
            out,
            |market, out| market.replace_order(&record.base, record.stop, client, out),
        );
    }

    fn mass_cancel<S: EventSink>(&mut self, record: &MassCancelRecord, out: &mut Emitter<'_, S>) {
        let head = Head::without_order(record.account, record.instrument, record.request_id);
        let most = self.config.mass_max;
        self.answer(head, record.check(), out, |market, out| {
            market.mass_cancel(record, most, out)
        });
    }

    fn admin<S: EventSink>(
        &mut self,
        kind: CommandKind,
        record: &AdminRecord,
        out: &mut Emitter<'_, S>,
    ) {
        let head = Head::without_order(record.account, record.instrument, record.request_id);
        let instrument = record.instrument;
        let most = self.config.mass_max;
        let mut shape = record.check();
        if kind == CommandKind::CancelList {
            shape = shape.and(Err(R::NotSupported));
        }
        self.answer(head, shape, out, |market, out| match kind {
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
            _ => {
                say_done(0, out);
                Ok(0)
            }
        });
    }

    fn instrument<S: EventSink>(
        &mut self,
        kind: CommandKind,
        record: &InstrumentRecord,
        limits: &InstrumentLimitsRecord,
        out: &mut Emitter<'_, S>,
    ) {
        let head = Head::without_order(0, record.instrument, record.request_id);
        let shape: Shape = record
            .check()
            .and_then(|()| limits.check(record.instrument));
        self.answer(head, shape, out, |market, out| {
            if kind == CommandKind::AddInstrument {
                market.add_instrument(*record, *limits)?;
            } else {
                market.update_instrument(*record, *limits)?;
            }
            say_done(record.instrument, out);
            Ok(0)
        });
    }

    fn set_account<S: EventSink>(&mut self, record: &AccountRecord, out: &mut Emitter<'_, S>) {
        let head = Head::without_order(record.account, 0, record.request_id);
        let rates = record.maker_rate_ppm != 0 || record.taker_rate_ppm != 0;
        let restricted = record.state != AccountState::Active as u8;
        let supported = if rates || restricted {
            Err(R::NotSupported)
        } else {
            Ok(())
        };
        self.answer(head, record.check().and(supported), out, |market, out| {
            market.groups.set(record.account, record.group);
            say_done(0, out);
            Ok(0)
        });
    }

    /// [`Self::answer`] for the common case: a sound record without a request id that is carried
    /// out needs nothing of its head.
    #[inline(always)]
    fn answer_plain<S: EventSink>(
        &mut self,
        record: &OrderRecord,
        shape: Shape,
        out: &mut Emitter<'_, S>,
        execute: impl FnOnce(&mut Market, &mut Emitter<'_, S>) -> Result<u64, Refusal>,
    ) {
        if shape.is_ok() && record.request_id == [0; 2] {
            if let Err(refusal) = execute(&mut self.market, out) {
                say_rejected(Head::of(record), refusal, out);
            }
        } else {
            self.answer(Head::of(record), shape, out, execute);
        }
    }

    /// Checks shape and request id, executes, says a refusal, and remembers the answer.
    #[inline]
    fn answer<S: EventSink>(
        &mut self,
        head: Head,
        shape: Shape,
        out: &mut Emitter<'_, S>,
        execute: impl FnOnce(&mut Market, &mut Emitter<'_, S>) -> Result<u64, Refusal>,
    ) {
        if let Err(reason) = shape {
            return say_rejected(head, reason.into(), out);
        }
        if head.request_id != [0; 2] && self.repeats(head, out) {
            return;
        }
        let result = execute(&mut self.market, out);
        if let Err(refusal) = result {
            say_rejected(head, refusal, out);
        }
        if head.request_id != [0; 2] {
            let code = result.map_or_else(|refusal| refusal.reason as u16, |_| 0);
            let order_id = result.unwrap_or(0);
            let answer = Answer {
                sequence: out.sequence,
                code,
                order_id,
            };
            self.requests
                .remember(head.account, head.request_id, answer);
        }
    }

    /// Whether a request was answered before; says so if it was.
    #[cold]
    fn repeats<S: EventSink>(&self, head: Head, out: &mut Emitter<'_, S>) -> bool {
        let Some(first) = self.requests.find(head.account, head.request_id) else {
            return false;
        };
        out.emit(EventRecord::duplicate_request(
            out.sequence,
            head.instrument,
            first.code,
            first.order_id,
            first.sequence,
        ));
        true
    }
}

/// Says that a command that is no order was accepted.
fn say_done<S: EventSink>(instrument: u32, out: &mut Emitter<'_, S>) {
    out.emit(EventRecord::accepted(out.sequence, instrument, 0, 0, false));
}

#[cold]
fn say_rejected<S: EventSink>(head: Head, refusal: Refusal, out: &mut Emitter<'_, S>) {
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
