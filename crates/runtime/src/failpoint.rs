//! Places at which a test can end the process, by name.
//!
//! Nothing is armed but by [`arm`]; a place that is passed costs one relaxed load then.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

static ARMED: AtomicBool = AtomicBool::new(false);
static PLACE: Mutex<Option<(String, u64)>> = Mutex::new(None);

/// Every place, in the order in which a command passes them.
pub const FAILPOINTS: [&str; 13] = [
    "core.before_apply",
    "core.after_apply",
    "core.after_publish",
    "journal.before_commit",
    "journal.after_commit",
    "journal.after_wake",
    "events.before_deliver",
    "events.after_deliver",
    "follower.after_apply",
    "follower.after_event_log",
    "snapshot.before_write",
    "snapshot.after_write",
    "close.before_seal",
];

/// Ends the process when the place of this name is passed for the `passes`-th time, from 1.
///
/// # Panics
/// When no place has this name.
pub fn arm(name: &str, passes: u64) {
    assert!(FAILPOINTS.contains(&name), "{name} is no failpoint");
    let mut place = PLACE.lock().expect("nothing panics while it holds this");
    *place = Some((name.to_owned(), passes));
    ARMED.store(true, Ordering::Release);
}

/// Passes a place.
#[inline]
pub(crate) fn pass(name: &'static str) {
    if ARMED.load(Ordering::Relaxed) {
        pass_armed(name);
    }
}

#[cold]
fn pass_armed(name: &'static str) {
    debug_assert!(FAILPOINTS.contains(&name), "{name} is not listed");
    let mut place = PLACE.lock().expect("nothing panics while it holds this");
    if let Some((armed, passes)) = place.as_mut()
        && armed == name
    {
        *passes = passes.saturating_sub(1);
        if *passes == 0 {
            std::process::abort();
        }
    }
}
