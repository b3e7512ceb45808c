//! A data directory that is written by hand, so that a test says what time it is, and tables that
//! batches go into.

use std::collections::BTreeMap;
use std::path::Path;

use outcry_engine::{Engine, EngineConfig};
use outcry_history::{
    Account, Aggregate, Batch, Fill, Fold, List, MinuteCandle, Order, Steps, Tail, Trade,
};
use outcry_journal::disk::{Disk, RealDisk};
use outcry_journal::{
    BlockStamp, DirectoryLock, Durability, EventBlock, EventLogOptions, EventLogWriter, FrameStamp,
    Options, Rules, Writer, open,
};
use outcry_protocol::RecordBuffer;
use tempfile::TempDir;

/// Bytes of a segment: small ones, so that a short past has many.
const SEGMENT_BYTES: u64 = 1 << 16;

/// A data directory that is written command by command.
pub(crate) struct Directory {
    root: TempDir,
    writer: Writer,
    log: EventLogWriter,
    engine: Engine,
    _lock: DirectoryLock,
}

impl Directory {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let disk = RealDisk::shared();
        let lock = DirectoryLock::take(&*disk, root.path()).unwrap();
        let options = Options {
            segment_bytes: SEGMENT_BYTES,
            durability: Durability::None,
            ..Options::new(0, Rules::default())
        };
        let (writer, _) = open(RealDisk::shared(), &lock, &options).unwrap();
        let options = EventLogOptions {
            segment_bytes: SEGMENT_BYTES,
            ..EventLogOptions::new(0)
        };
        let disk: std::sync::Arc<dyn Disk> = disk;
        let (log, _) = EventLogWriter::open(disk, root.path(), &options, 0).unwrap();
        let engine = Engine::new(EngineConfig {
            check_invariants: false,
            ..EngineConfig::default()
        });
        Self {
            root,
            writer,
            log,
            engine,
            _lock: lock,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    /// Writes a frame of commands and the block of their events.
    pub(crate) fn write(&mut self, commands: &RecordBuffer) {
        let first_sequence = self.engine.sequence() + 1;
        let mut block = EventBlock::new();
        self.engine
            .apply_batch(commands.as_bytes(), block.records())
            .unwrap();
        let (last_sequence, time_ns) = (self.engine.sequence(), self.engine.time_ns());
        let digest = self.engine.digest().0;
        let stamp = FrameStamp {
            first_sequence,
            count: u32::try_from(last_sequence + 1 - first_sequence).unwrap(),
            time_ns,
            digest,
        };
        self.writer.append(commands.as_bytes(), &stamp).unwrap();
        self.writer.commit().unwrap();
        let stamp = BlockStamp {
            first_sequence,
            last_sequence,
            time_ns,
            digest,
            epoch: 1,
        };
        self.log.append(&mut block, &stamp).unwrap();
    }
}

/// Rows as a database would have them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tables {
    pub(crate) orders: BTreeMap<u64, Order>,
    pub(crate) trades: Vec<Trade>,
    pub(crate) fills: Vec<Fill>,
    pub(crate) aggregates: Vec<Aggregate>,
    pub(crate) candles: BTreeMap<(u32, u64, u32), MinuteCandle>,
    pub(crate) steps: Vec<Steps>,
    pub(crate) accounts: BTreeMap<u32, Account>,
    pub(crate) lists: BTreeMap<u64, List>,
}

impl Tables {
    pub(crate) fn write(&mut self, batch: Batch) {
        for order in batch.entered {
            let before = self.orders.insert(order.order_id, order);
            assert_eq!(before, None, "an order enters once");
        }
        for order in batch.changed {
            let before = self.orders.insert(order.order_id, order);
            assert!(before.is_some(), "what changes has entered");
        }
        self.trades.extend(batch.trades);
        self.fills.extend(batch.fills);
        self.aggregates.extend(batch.aggregates);
        for candle in batch.candles {
            let key = (candle.instrument, candle.open_time_ns, candle.steps);
            let before = self.candles.insert(key, candle);
            assert_eq!(before, None, "a candle ends once");
        }
        self.steps.extend(batch.steps);
        let accounts = batch.accounts.iter();
        self.accounts
            .extend(accounts.map(|account| (account.account, *account)));
        let lists = batch.lists.into_iter();
        self.lists.extend(lists.map(|list| (list.list_id, list)));
    }

    /// A fold that takes up what is here.
    pub(crate) fn loaded(&self, before: &Fold) -> Fold {
        const MINUTE_NS: u64 = 60_000_000_000;
        let mut fold = Fold::new(before.sequence(), before.time_ns(), before.digest());
        for steps in &self.steps {
            let own = self.aggregates.iter();
            let own = own.filter(|aggregate| aggregate.instrument == steps.instrument);
            fold.load_steps(*steps, own.count() as u64);
        }
        for account in self.accounts.values() {
            fold.load_account(*account);
        }
        for list in self.lists.values().filter(|list| list.is_open()) {
            fold.load_list(list.clone());
        }
        for order in self.orders.values().filter(|order| order.state.is_open()) {
            fold.load_order(order.clone());
        }
        let minute_ns = before.time_ns() - before.time_ns() % MINUTE_NS;
        for trade in self
            .trades
            .iter()
            .filter(|trade| trade.time_ns >= minute_ns)
        {
            fold.load_trade(trade);
        }
        fold
    }
}

/// Folds a directory in batches of so many commands.
pub(crate) fn folded(path: &Path, commands_max: u64) -> Tables {
    let mut fold = Fold::new(0, 0, 0);
    let mut tail = Tail::behind(path, 0, 0).unwrap();
    let mut tables = Tables::default();
    while fold.advance(&mut tail, commands_max).unwrap() {
        tables.write(fold.take());
    }
    tables
}
