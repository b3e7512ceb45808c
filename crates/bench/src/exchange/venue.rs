//! An exchange in a folder of its own, and a client that submits flows and checks what it is told.

use crate::Problem;
use crate::throughput::{BATCH, Flow, batches};
use outcry_protocol::Digest;
use outcry_runtime::{Client, ClientOptions, Exchange, Options, Replies, SubmitError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Most commands submitted and not answered.
pub(super) const IN_FLIGHT: u32 = 65_536;
/// Nothing takes longer than this that is not stuck.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long the disk is left alone before a run.
const REST: Duration = Duration::from_secs(1);
/// Between two looks at what has no signal.
const LOOK_EVERY: Duration = Duration::from_micros(200);

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A folder that goes with its owner.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// A new folder within one that is there.
    pub(super) fn within(parent: &Path) -> Result<Self, Problem> {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("outcry-bench-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The bytes of the files below one of its folders.
    pub(super) fn bytes_below(&self, name: &str) -> u64 {
        let Ok(files) = std::fs::read_dir(self.0.join(name)) else {
            return 0;
        };
        let sizes = files.flatten().filter_map(|file| file.metadata().ok());
        sizes.map(|file| file.len()).sum()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left for a person to see.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An exchange for a flow, its setup applied and durable.
pub(super) struct Venue {
    pub(super) exchange: Exchange,
    pub(super) clerk: Clerk,
}

impl Venue {
    /// Opens a new exchange in the folder and applies the setup of the flow.
    pub(super) fn open(folder: &Folder, flow: &Flow, options: Options) -> Result<Self, Problem> {
        let options = Options {
            engine: flow.config(),
            ..options
        };
        let opened = Exchange::open(folder.path(), options);
        let (exchange, _) = opened.map_err(|error| error.to_string())?;
        let clerk = Clerk::new(&exchange)?;
        let mut venue = Self { exchange, clerk };
        let (ends, _) = batches(flow.setup(), BATCH);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        for (start, end) in starts.zip(&ends) {
            venue.clerk.submit(&flow.setup()[start..*end])?;
        }
        venue.clerk.take_all()?;
        venue.wait_for_follower()?;
        Ok(venue)
    }

    /// Waits until so many segments of the journal are ready, so that none is made meanwhile.
    pub(super) fn wait_for_spares(folder: &Folder, count: u32) -> Result<(), Problem> {
        let start = Instant::now();
        let journal = folder.path().join("journal");
        loop {
            let files = std::fs::read_dir(&journal).map_err(|error| error.to_string())?;
            let paths = files.filter_map(Result::ok).map(|file| file.path());
            let ready = paths.filter(|path| path.extension() == Some("spare".as_ref()));
            if ready.count() as u32 >= count {
                // The last one may still be written, and the disk comes to rest.
                std::thread::sleep(REST);
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                return Err("the journal's next segments are not made".to_owned());
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until the follower has applied all that was answered.
    pub(super) fn wait_for_follower(&self) -> Result<(), Problem> {
        let start = Instant::now();
        while self.exchange.status().follower_sequence < self.clerk.last_sequence {
            if start.elapsed() > PATIENCE {
                return Err("the follower does not catch up".to_owned());
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Checks that every event is the one that the engine says alone.
    pub(super) fn check(&self, flow: &Flow) -> Result<(), Problem> {
        let (told, expected) = (self.clerk.digest, flow.digest);
        if told == expected {
            return Ok(());
        }
        Err(format!(
            "the replies have digest {:016x}, expected is {:016x}",
            told.0, expected.0
        ))
    }
}

/// A client that folds all it is told.
pub(super) struct Clerk {
    client: Client,
    replies: Replies,
    digest: Digest,
    submitted: u64,
    pub(super) answered: u64,
    pub(super) last_sequence: u64,
}

impl Clerk {
    fn new(exchange: &Exchange) -> Result<Self, Problem> {
        let options = ClientOptions {
            in_flight_max: IN_FLIGHT,
            ..ClientOptions::default()
        };
        Ok(Self {
            client: exchange
                .client(options)
                .map_err(|error| error.to_string())?,
            replies: Replies::default(),
            digest: Digest::default(),
            submitted: 0,
            answered: 0,
            last_sequence: 0,
        })
    }

    /// Submits commands, waiting while too many are in flight.
    pub(super) fn submit(&mut self, commands: &[u8]) -> Result<(), Problem> {
        while !self.try_submit(commands)? {
            if self.take(|_, _| ())? == 0 {
                self.client.wait(LOOK_EVERY);
            }
        }
        Ok(())
    }

    /// Submits commands, under the number of those before them; answers whether they were taken.
    pub(super) fn try_submit(&mut self, commands: &[u8]) -> Result<bool, Problem> {
        match self.client.submit(commands, self.submitted) {
            Ok(count) => {
                self.submitted += u64::from(count);
                Ok(true)
            }
            Err(SubmitError::Overloaded { .. }) => Ok(false),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Takes the replies that are there and tells `hear` of each the number of its first command,
    /// counted from the start, and how many there are. Answers how many replies there were.
    pub(super) fn take(&mut self, mut hear: impl FnMut(u64, u32)) -> Result<usize, Problem> {
        self.replies.clear();
        let taken = self.client.take(&mut self.replies);
        let count = taken.map_err(|halt| halt.to_string())?;
        for reply in self.replies.iter() {
            if reply.records_lost > 0 {
                return Err(format!("{} records were lost", reply.records_lost));
            }
            for record in reply.records {
                self.digest.fold(record);
            }
            self.answered += u64::from(reply.commands);
            self.last_sequence = reply.last_sequence;
            hear(reply.ticket, reply.commands);
        }
        Ok(count)
    }

    /// Waits until all is answered.
    pub(super) fn take_all(&mut self) -> Result<(), Problem> {
        let start = Instant::now();
        while self.answered < self.submitted {
            if self.take(|_, _| ())? == 0 && !self.wait(PATIENCE) {
                return Err("no reply comes".to_owned());
            }
            if start.elapsed() > PATIENCE {
                return Err("the replies do not end".to_owned());
            }
        }
        Ok(())
    }

    /// Waits for replies, at most so long; answers whether there may be some.
    pub(super) fn wait(&self, timeout: Duration) -> bool {
        self.client.wait(timeout)
    }

    /// How many commands were submitted.
    pub(super) const fn submitted(&self) -> u64 {
        self.submitted
    }
}
