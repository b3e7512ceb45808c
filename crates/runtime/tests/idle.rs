//! An idle exchange sleeps. Method: the processor time of its threads over a while, in a process
//! that does nothing else.

mod common;

use common::{client, instrument, open, wait_for};
use std::time::Duration;

#[test]
fn an_idle_exchange_takes_hardly_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open(folder.path());
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    wait_for("the snapshot", || exchange.status().snapshot.sequence == 1);
    // A tick is a hundredth of a second, so 2 % of a second are 2. What a busy machine adds to some
    // looks it does not add to all of them.
    let is_idle = (0..30).any(|_| {
        let before = exchange_ticks();
        std::thread::sleep(Duration::from_secs(1));
        exchange_ticks() - before < 2
    });
    assert!(is_idle, "2 hundredths of a second in each of 30 seconds");
}

/// The processor time of the exchange's threads, in clock ticks.
fn exchange_ticks() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let ticks = tasks.flatten().filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("stat")).ok()?;
        let (name, fields) = text.split_once(") ")?;
        let fields: Vec<_> = fields.split(' ').collect();
        let time = |place: usize| fields.get(place)?.parse::<u64>().ok();
        name.contains("outcry-").then_some(time(11)? + time(12)?)
    });
    ticks.sum()
}
