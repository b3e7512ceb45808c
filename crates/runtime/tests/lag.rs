//! Goal: what the follower has yet to apply has a bound, and commands are refused above it; what it
//! has not done by a close is told rightly behind it.
//!
//! Method: a disk on which the event log, that only the follower writes, can be held up.

mod common;

use common::{client, instrument, limit, open_with, options, wait_for};
use outcry_journal::disk::{Disk, DiskFile, LockAttempt, OpenMode, RealDisk};
use outcry_protocol::Side;
use outcry_runtime::{Options, Piece, Read, SubmitError, SubscribeOptions};
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

const LAG_BYTES_MAX: u64 = 1 << 20;

/// Whether the event log is held up.
#[derive(Default)]
struct Gate {
    is_shut: Mutex<bool>,
    changed: Condvar,
    /// Whether nothing more fits behind it.
    is_full: AtomicBool,
}

impl Gate {
    fn set(&self, is_shut: bool) {
        *self.is_shut.lock().unwrap() = is_shut;
        self.changed.notify_all();
    }

    fn pass(&self) -> io::Result<()> {
        let is_shut = self.is_shut.lock().unwrap();
        let patience = Duration::from_mins(1);
        let waited = self
            .changed
            .wait_timeout_while(is_shut, patience, |is_shut| *is_shut);
        assert!(!waited.unwrap().1.timed_out(), "nobody opened the gate");
        if self.is_full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

struct GatedDisk {
    inner: Arc<dyn Disk>,
    gate: Arc<Gate>,
}

impl Disk for GatedDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn DiskFile>> {
        let file = self.inner.open(path, mode)?;
        if path.iter().any(|part| part == "events") {
            let gate = Arc::clone(&self.gate);
            return Ok(Box::new(GatedFile { inner: file, gate }));
        }
        Ok(file)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        self.inner.list(folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.inner.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.inner.remove(path)
    }

    fn create_dir(&self, folder: &Path) -> io::Result<()> {
        self.inner.create_dir(folder)
    }

    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        self.inner.sync_dir(folder)
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        self.inner.length(path)
    }

    fn free_space(&self, folder: &Path) -> io::Result<u64> {
        self.inner.free_space(folder)
    }

    fn lock(&self, path: &Path) -> io::Result<LockAttempt> {
        self.inner.lock(path)
    }
}

struct GatedFile {
    inner: Box<dyn DiskFile>,
    gate: Arc<Gate>,
}

impl DiskFile for GatedFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.inner.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.gate.pass()?;
        self.inner.write_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.inner.sync_data()
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.inner.set_len(length)
    }

    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }
}

#[test]
fn commands_are_refused_while_the_follower_is_too_far_behind() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Arc::new(Gate::default());
    let options = Options {
        follower_lag_bytes_max: LAG_BYTES_MAX,
        disk: Arc::new(GatedDisk {
            inner: RealDisk::shared(),
            gate: Arc::clone(&gate),
        }),
        ..options()
    };
    let ring_bytes = options.command_ring_bytes as u64;
    let exchange = open_with(folder.path(), options);
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    gate.set(true);
    let batch: Vec<u8> = (0..400).flat_map(|_| limit(1, Side::Buy, 90, 1)).collect();
    let refusal = loop {
        match client.call(&batch) {
            Ok(_) => {}
            Err(refusal) => break refusal.to_string(),
        }
    };
    assert_eq!(
        refusal,
        "overloaded: the room for what the follower has yet to apply is full, its bound is 1048576"
    );
    let status = exchange.status();
    assert_eq!(status.follower_lag_bytes_max, LAG_BYTES_MAX);
    let lag = status.follower_lag_bytes;
    assert!((LAG_BYTES_MAX..=LAG_BYTES_MAX + ring_bytes).contains(&lag));
    assert!(matches!(
        client.submit(&batch, 1),
        Err(SubmitError::Overloaded { .. })
    ));
    let (sequence, _) = client.read(&Read::StateHash).unwrap();
    assert_eq!(sequence, status.sequence, "a read is answered meanwhile");

    gate.set(false);
    wait_for("the follower", || exchange.status().follower_lag_bytes == 0);
    client.call(&batch).unwrap();
    assert_eq!(exchange.status().sequence, status.sequence + 400);
}

#[test]
fn what_was_there_at_the_opening_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let batch: Vec<u8> = (0..400).flat_map(|_| limit(1, Side::Buy, 90, 1)).collect();
    {
        let exchange = open_with(folder.path(), options());
        let client = client(&exchange);
        client.call(&instrument(1)).unwrap();
        client.call(&batch).unwrap();
        // Dropped as in a crash: the follower begins with what is written.
    }
    let exchange = open_with(folder.path(), options());
    let client = client(&exchange);
    client.call(&batch).unwrap();
    wait_for("the follower", || {
        exchange.status().follower_sequence == exchange.status().sequence
    });
    assert_eq!(exchange.status().follower_lag_bytes, 0);
}

#[test]
fn a_follower_stands_from_the_start_where_the_exchange_was_closed() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open_with(folder.path(), options());
    client(&exchange).call(&instrument(1)).unwrap();
    let closed = exchange.close().unwrap();
    let exchange = open_with(folder.path(), options());
    let status = exchange.status();
    assert_eq!(
        (status.follower_sequence, status.follower_lag_commands),
        (closed.sequence, 0)
    );
    // Closing waits until the follower has begun, with no command to apply.
    assert_eq!(exchange.close().unwrap(), closed);
}

/// Goal: who asks to close is not refused since the follower finds no room for events.
#[test]
fn a_close_without_room_for_events_is_noted_and_they_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Arc::new(Gate::default());
    let gated = Options {
        disk: Arc::new(GatedDisk {
            inner: RealDisk::shared(),
            gate: Arc::clone(&gate),
        }),
        ..options()
    };
    let exchange = open_with(folder.path(), gated);
    let client = client(&exchange);
    gate.set(true);
    gate.is_full.store(true, Ordering::SeqCst);
    client.call(&instrument(1)).unwrap();
    let closing = std::thread::spawn(move || exchange.close());
    let order = limit(1, Side::Buy, 90, 1);
    let mut sent = 0;
    // Opened once the exchange is closing.
    wait_for("the close", || {
        let submitted = client.submit(&order, 1);
        sent += u64::from(submitted.is_ok());
        submitted.is_err()
    });
    gate.set(false);
    let closed = closing.join().unwrap().unwrap();
    assert_eq!(closed.sequence, 1 + sent);
    let [note] = &closed.notes[..] else {
        panic!("{:?}", closed.notes);
    };
    assert!(note.starts_with("events: not written, "), "{note}");
    let exchange = open_with(folder.path(), options());
    let mut events = exchange.subscribe(1, SubscribeOptions::default()).unwrap();
    while events.next_sequence() <= closed.sequence {
        let piece = events.next(Duration::from_secs(30)).unwrap();
        assert!(matches!(piece, Some(Piece::Events { .. })), "{piece:?}");
    }
}
