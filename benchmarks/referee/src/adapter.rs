//! From the caller's messages to the engine's commands, and from its events to the caller's
//! reports.

use outcry_engine::{Engine, EngineConfig, EventSink};
use outcry_protocol::{EventKind, EventRecord, OrderRecord, Side, TimeInForce, trade_flags};
use outcry_simulate::encode::{INSTRUMENT, setup};

use crate::abi::{BUY, CANCEL, Cancel, MODIFY, Message, Modify, NEW, NewOrder, ReportType};
use crate::orders::{Orders, Resting};
use crate::ring::{Entry, Ring};

const ORDERS_CAPACITY: u32 = 1 << 17;
const ORDERS_BITS: u32 = 15;
const CALLERS_CAPACITY: usize = 1 << 22;
/// Messages ahead whose orders are asked for in the table of the caller's ids.
const PREFETCHED_AHEAD: usize = 16;
/// The middle of all prices, so that the whole price band around it holds every price.
const REFERENCE_TICKS: i64 = 1 << 39;

/// The engine, and what it takes to speak of its orders by the caller's ids.
pub struct Adapter {
    engine: Engine,
    orders: Orders,
    /// By engine id, from 1: the caller's id.
    callers: Vec<u64>,
}

impl Adapter {
    /// An engine with one instrument and an empty book, its memory touched.
    ///
    /// # Panics
    /// When the engine refuses the instrument.
    pub fn load() -> Self {
        let config = EngineConfig {
            orders_capacity: ORDERS_CAPACITY,
            check_invariants: false,
            ..EngineConfig::default()
        };
        let mut engine = Engine::new(config);
        let mut events = Vec::new();
        let applied = engine.apply_batch(setup(REFERENCE_TICKS).as_bytes(), &mut events);
        applied.expect("the instrument is well formed");
        let refused = |event: &EventRecord| event.kind == EventKind::Rejected as u8;
        assert!(
            !events.iter().any(refused),
            "the engine refuses the instrument: {events:?}"
        );
        let mut callers = vec![1; CALLERS_CAPACITY];
        callers.clear();
        Self {
            engine,
            orders: Orders::new(ORDERS_BITS),
            callers,
        }
    }

    /// Applies messages one after the other, then shows their reports.
    ///
    /// # Safety
    /// The payloads are of the types that the messages name; this thread alone writes to `ring`.
    pub unsafe fn apply_batch(&mut self, messages: &[Message], ring: &Ring) {
        for (index, message) in messages.iter().enumerate() {
            if let Some(ahead) = messages.get(index + PREFETCHED_AHEAD) {
                // SAFETY: every payload begins with the order's id.
                self.orders
                    .prefetch(unsafe { ahead.payload.cancel.order_id });
            }
            // SAFETY: by the caller's promise.
            unsafe {
                match message.message_type {
                    NEW => self.enter(&message.payload.new, ring),
                    CANCEL => self.cancel(&message.payload.cancel, ring),
                    MODIFY => self.modify(&message.payload.modify, ring),
                    _ => {}
                }
            }
        }
        // SAFETY: by the caller's promise.
        unsafe { ring.show() };
    }

    /// Applies a new order.
    ///
    /// # Safety
    /// This thread alone writes to `ring`.
    #[inline]
    pub unsafe fn enter(&mut self, new: &NewOrder, ring: &Ring) {
        let engine_id = self.callers.len() as u64 + 1;
        let side = if new.side == BUY {
            Side::Buy
        } else {
            Side::Sell
        };
        let lots = u64::from(new.quantity);
        let account = account(engine_id);
        let mut record = OrderRecord::limit(INSTRUMENT, account, side, new.price_ticks, lots);
        let immediate = new.immediate != 0;
        if immediate {
            record.time_in_force = TimeInForce::Ioc as u8;
        }
        let order = Resting {
            caller_id: new.order_id,
            engine_id,
            price_ticks: new.price_ticks,
            filled_lots: 0,
            side: new.side,
        };
        let ack = entry(
            ReportType::OrderAck,
            new.sequence_number,
            &order,
            new.quantity,
        );
        let filled_lots = self.apply(&record, ack, ring);
        if !immediate && filled_lots < new.quantity && self.callers.len() as u64 == engine_id {
            self.orders.insert(Resting {
                filled_lots,
                ..order
            });
        }
    }

    /// Applies a cancel.
    ///
    /// # Safety
    /// This thread alone writes to `ring`.
    #[inline]
    pub unsafe fn cancel(&mut self, cancel: &Cancel, ring: &Ring) {
        let Some(order) = self.orders.remove(cancel.order_id) else {
            let reject = reject(
                ReportType::CancelReject,
                cancel.sequence_number,
                cancel.order_id,
            );
            // SAFETY: by the caller's promise.
            return unsafe { ring.push(reject) };
        };
        let record = OrderRecord::cancel(INSTRUMENT, account(order.engine_id), order.engine_id);
        let ack = entry(ReportType::CancelAck, cancel.sequence_number, &order, 0);
        self.apply(&record, ack, ring);
    }

    /// Applies a modify.
    ///
    /// # Safety
    /// This thread alone writes to `ring`.
    #[inline]
    pub unsafe fn modify(&mut self, modify: &Modify, ring: &Ring) {
        let Some(resting) = self.orders.get_mut(modify.order_id) else {
            let reject = reject(
                ReportType::ModifyReject,
                modify.sequence_number,
                modify.order_id,
            );
            // SAFETY: by the caller's promise.
            return unsafe { ring.push(reject) };
        };
        resting.price_ticks = modify.price_ticks;
        let order = *resting;
        let total_lots = u64::from(order.filled_lots) + u64::from(modify.quantity);
        let (engine_id, price_ticks) = (order.engine_id, modify.price_ticks);
        let account = account(engine_id);
        let record = OrderRecord::replace(INSTRUMENT, account, engine_id, price_ticks, total_lots);
        let ack = entry(
            ReportType::ModifyAck,
            modify.sequence_number,
            &order,
            modify.quantity,
        );
        let filled_lots = self.apply(&record, ack, ring);
        if filled_lots == modify.quantity {
            self.orders.remove(modify.order_id);
        } else if filled_lots > 0
            && let Some(resting) = self.orders.get_mut(modify.order_id)
        {
            resting.filled_lots += filled_lots;
        }
    }

    /// Applies a command and answers what it filled of its own order, in lots.
    #[inline(always)]
    fn apply(&mut self, record: &OrderRecord, ack: Entry, ring: &Ring) -> u32 {
        let Self {
            engine,
            orders,
            callers,
        } = self;
        let mut reports = Reports {
            ring,
            orders,
            callers,
            ack,
            filled_lots: 0,
        };
        let applied = engine.apply(record.as_record_bytes(), &mut reports);
        debug_assert_eq!(applied, Ok(size_of::<OrderRecord>()));
        reports.filled_lots
    }

    /// The best price of a side.
    pub fn best_ticks(&self, side: Side) -> Option<i64> {
        self.engine
            .best(INSTRUMENT, side)
            .map(|level| level.price_ticks)
    }

    /// The open lots at a price, by a walk over the levels of the side.
    pub fn depth_lots(&self, side: Side, price_ticks: i64) -> u64 {
        let mut levels = Vec::new();
        self.engine.depth(INSTRUMENT, side, usize::MAX, &mut levels);
        let level = levels.iter().find(|level| level.price_ticks == price_ticks);
        level.map_or(0, |level| level.quantity_lots)
    }
}

/// Turns the events of one command into reports.
struct Reports<'a> {
    ring: &'a Ring,
    orders: &'a mut Orders,
    callers: &'a mut Vec<u64>,
    /// What is reported when the engine accepts the command.
    ack: Entry,
    filled_lots: u32,
}

impl EventSink for Reports<'_> {
    #[inline(always)]
    fn push(&mut self, event: &EventRecord) {
        const ACCEPTED: u8 = EventKind::Accepted as u8;
        const REPLACED: u8 = EventKind::Replaced as u8;
        const CANCELLED: u8 = EventKind::Cancelled as u8;
        const TRADED: u8 = EventKind::Traded as u8;
        match event.kind {
            ACCEPTED => {
                debug_assert_eq!(event.order_id, self.callers.len() as u64 + 1);
                self.callers.push(self.ack.order_id);
                self.report(self.ack);
            }
            REPLACED => self.report(self.ack),
            CANCELLED => self.report(Entry {
                report_type: ReportType::CancelAck,
                ..self.ack
            }),
            TRADED => self.trade(event),
            _ => self.refuse(),
        }
    }
}

impl Reports<'_> {
    #[inline(always)]
    fn report(&self, entry: Entry) {
        // SAFETY: those who make a `Reports` are called by the one writer alone.
        unsafe { self.ring.push(entry) };
    }

    fn trade(&mut self, event: &EventRecord) {
        let maker = self.callers[event.order_id as usize - 1];
        let quantity = event.value as u32;
        self.filled_lots += quantity;
        self.report(Entry {
            order_id: maker,
            price_ticks: event.sequence_or_price.cast_signed(),
            quantity,
            report_type: ReportType::Trade,
            side: BUY,
            ..self.ack
        });
        if event.code & trade_flags::MAKER_FILLED != 0 {
            self.orders.remove(maker);
        } else if let Some(resting) = self.orders.get_mut(maker) {
            resting.filled_lots += quantity;
        }
    }

    /// The engine holds no order of this id any more; the interface has no refusal of a new order.
    #[cold]
    fn refuse(&mut self) {
        let report_type = match self.ack.report_type {
            ReportType::CancelAck => ReportType::CancelReject,
            ReportType::ModifyAck => ReportType::ModifyReject,
            _ => return,
        };
        self.report(reject(
            report_type,
            self.ack.sequence_number,
            self.ack.order_id,
        ));
    }
}

/// The account of an order, each its own.
fn account(engine_id: u64) -> u32 {
    engine_id as u32
}

fn entry(report_type: ReportType, sequence_number: u64, order: &Resting, quantity: u32) -> Entry {
    Entry {
        sequence_number,
        order_id: order.caller_id,
        price_ticks: order.price_ticks,
        quantity,
        report_type,
        side: order.side,
        reserved: [0; 2],
    }
}

fn reject(report_type: ReportType, sequence_number: u64, order_id: u64) -> Entry {
    Entry {
        sequence_number,
        order_id,
        price_ticks: 0,
        quantity: 0,
        report_type,
        side: BUY,
        reserved: [0; 2],
    }
}
