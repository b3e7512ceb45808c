//! Starting the threads of an exchange: their names, their cores, their end.

use crate::halt::{Halt, HaltReason};
use crate::shared::Shared;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Halts the exchange when its thread dies of a panic, where a panic does not end the process.
struct Guard(Arc<Shared>, &'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let detail = format!("the {} thread died", self.1);
            self.0.stop(Halt::new(HaltReason::Panic, detail));
        }
    }
}

/// Starts a thread; `number` counts the threads that are pinned, `None` leaves it to the scheduler.
pub(crate) fn start(
    shared: &Arc<Shared>,
    name: &'static str,
    number: Option<usize>,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let core = number.and_then(|number| {
        let cores = shared.options.pin.as_ref()?;
        cores.get(number % cores.len().max(1)).copied()
    });
    let guard = Guard(Arc::clone(shared), name);
    let name = format!("outcry-{name}");
    std::thread::Builder::new().name(name).spawn(move || {
        if let Some(core) = core {
            stay_on(core);
        }
        let guard = guard;
        work();
        drop(guard);
    })
}

/// Keeps this thread on one core. A core that is not there leaves it where it was.
fn stay_on(core: usize) {
    // SAFETY: the set is a plain bit field of which zeros are a value; the core is below its 1,024
    // bits by the check of the options; the kernel only reads it.
    unsafe {
        let mut cores: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(core, &mut cores);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const cores);
    }
}

/// Lets other threads of the machine go first.
pub(crate) fn step_back() {
    // SAFETY: changes a number of this thread only; it may be refused, which harms nobody.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
    }
}
