//! How a thread sleeps until there is work, and how it is woken.

use std::sync::atomic::{AtomicU32, Ordering, fence};
use std::time::Duration;

/// Wakes all that wait on it. Waking costs a fence and a load while nobody sleeps.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    /// Counts the wake-ups; it is what the sleepers sleep on.
    epoch: AtomicU32,
    /// Whether somebody may be asleep since the last wake-up.
    sleepers: AtomicU32,
}

impl Signal {
    /// Sleeps until `is_ready` or woken or `timeout`, whichever comes first; may also return early.
    pub(crate) fn wait(&self, timeout: Option<Duration>, is_ready: impl FnOnce() -> bool) {
        // The epoch is read before the sleeper makes itself known: a wake-up that takes the mark
        // away again has changed the epoch by then, so the sleep below ends at once.
        let epoch = self.epoch.load(Ordering::Acquire);
        self.sleepers.store(1, Ordering::Relaxed);
        // Pairs with the fence in `wake`: either the waker sees the mark, or this sees its work.
        fence(Ordering::SeqCst);
        if !is_ready() {
            sleep_while(&self.epoch, epoch, timeout);
        }
    }

    /// Wakes those who wait for what was published before this call.
    #[inline]
    pub(crate) fn wake(&self) {
        fence(Ordering::SeqCst);
        if self.sleepers.load(Ordering::Relaxed) != 0 {
            self.wake_sleepers();
        }
    }

    #[cold]
    fn wake_sleepers(&self) {
        if self.sleepers.swap(0, Ordering::AcqRel) != 0 {
            self.epoch.fetch_add(1, Ordering::Release);
            wake_all(&self.epoch);
        }
    }
}

/// Asks the kernel to sleep while the word has this value.
fn sleep_while(word: &AtomicU32, value: u32, timeout: Option<Duration>) {
    let limit = timeout.map(|timeout| libc::timespec {
        tv_sec: libc::time_t::try_from(timeout.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(timeout.subsec_nanos().cast_signed()),
    });
    let limit = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the word is a live, aligned 32-bit integer, and the kernel only reads it; the limit
    // is null or points to a value that outlives the call. Every error means to look again.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
            value,
            limit,
        );
    }
}

fn wake_all(word: &AtomicU32) {
    // SAFETY: the kernel uses the address as a name only.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG,
            i32::MAX,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    /// Two threads hand a number to and fro: one lost wake-up would stop them for ever.
    #[test]
    fn no_wake_up_is_lost() {
        const ROUNDS: u64 = 20_000;
        let shared = Arc::new((AtomicU64::new(0), Signal::default(), Signal::default()));
        let other = Arc::clone(&shared);
        let echo = std::thread::spawn(move || {
            let (number, there, back) = &*other;
            for round in 0..ROUNDS {
                while number.load(Ordering::Acquire) != 2 * round + 1 {
                    there.wait(None, || number.load(Ordering::Acquire) == 2 * round + 1);
                }
                number.store(2 * round + 2, Ordering::Release);
                back.wake();
            }
        });
        let (number, there, back) = &*shared;
        for round in 0..ROUNDS {
            number.store(2 * round + 1, Ordering::Release);
            there.wake();
            while number.load(Ordering::Acquire) != 2 * round + 2 {
                back.wait(None, || number.load(Ordering::Acquire) == 2 * round + 2);
            }
        }
        echo.join().unwrap();
    }

    #[test]
    fn all_sleepers_wake() {
        let shared = Arc::new((AtomicU64::new(0), Signal::default()));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || {
                    let (number, signal) = &*shared;
                    while number.load(Ordering::Acquire) == 0 {
                        signal.wait(None, || number.load(Ordering::Acquire) != 0);
                    }
                })
            })
            .collect();
        shared.0.store(1, Ordering::Release);
        shared.1.wake();
        for thread in threads {
            thread.join().unwrap();
        }
    }

    #[test]
    fn a_timeout_ends_the_wait() {
        Signal::default().wait(Some(Duration::from_millis(1)), || false);
    }
}
