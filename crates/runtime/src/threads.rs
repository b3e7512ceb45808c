//! Starting the threads of an exchange: their names, their cores, their end.

use crate::halt::{Halt, HaltReason};
use crate::shared::Shared;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

/// What a thread is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Core,
    Journal,
    Events,
    Follower,
    Keeper,
    Watch,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Core => "outcry-core",
            Self::Journal => "outcry-journal",
            Self::Events => "outcry-events",
            Self::Follower => "outcry-follower",
            Self::Keeper => "outcry-keeper",
            Self::Watch => "outcry-watch",
        }
    }

    /// The core that a thread of this role is to stay on.
    fn pin(self, shared: &Shared) -> Option<usize> {
        let cores = shared.options.pin.as_ref()?;
        if matches!(self, Self::Keeper | Self::Watch) || cores.is_empty() {
            return None;
        }
        Some(cores[self as usize % cores.len()])
    }

    /// Tells the scheduler who goes first: who stands on the way of an order.
    fn schedule(self) {
        match self {
            Self::Core | Self::Journal | Self::Events => run_soon(),
            // It hardly ever runs, and then soon, or the disk may be full.
            Self::Watch => {}
            Self::Follower => step_back(FOLLOWER_NICE),
            Self::Keeper => step_back(KEEPER_NICE),
        }
    }
}

const FOLLOWER_NICE: i32 = 3;
const KEEPER_NICE: i32 = 10;

/// Says that its thread has ended; halts the exchange when it died of a panic, where a panic does
/// not end the process.
struct Guard(Arc<Shared>, Role);

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let detail = format!("the thread {} died", self.1.name());
            self.0.stop(Halt::new(HaltReason::Panic, detail));
        }
        let Self(shared, role) = self;
        match role {
            Role::Core => shared.ended.core.store(true, Ordering::Release),
            Role::Journal => shared.ended.journal.store(true, Ordering::Release),
            Role::Events => shared.ended.events.store(true, Ordering::Release),
            Role::Follower => return shared.leave(None),
            Role::Keeper | Role::Watch => return,
        }
        shared.wake_all();
    }
}

/// Starts a thread.
pub(crate) fn start(
    shared: &Arc<Shared>,
    role: Role,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let core = role.pin(shared);
    let guard = Guard(Arc::clone(shared), role);
    std::thread::Builder::new()
        .name(role.name().to_owned())
        .spawn(move || {
            if let Some(core) = core {
                stay_on(core);
            }
            role.schedule();
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

/// What `sched_setattr` takes, in its first version.
#[repr(C)]
struct Schedule {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime_ns: u64,
    deadline_ns: u64,
    period_ns: u64,
}

/// How long a thread on the way of an order asks to run at a time: the shorter, the sooner the
/// scheduler lets it have a core that busier threads are on. They hardly ever use it up.
const SLICE_NS: u64 = 200_000;

/// Asks for this thread to be run soon after it is woken. Kernels before 6.12 do not know how.
fn run_soon() {
    // SAFETY: all of these concern this thread only; the schedule is read during the call. A
    // refusal leaves the thread as it was, which harms nobody.
    unsafe {
        let schedule = Schedule {
            size: size_of::<Schedule>() as u32,
            policy: libc::SCHED_OTHER.cast_unsigned(),
            flags: 0,
            nice: libc::getpriority(libc::PRIO_PROCESS, 0),
            priority: 0,
            runtime_ns: SLICE_NS,
            deadline_ns: 0,
            period_ns: 0,
        };
        libc::syscall(libc::SYS_sched_setattr, 0, &raw const schedule, 0);
    }
}

/// Lets other threads of the machine go first: by so much of `nice`.
fn step_back(nice: i32) {
    // SAFETY: changes a number of this thread only; it may be refused, which harms nobody.
    unsafe {
        let now = libc::getpriority(libc::PRIO_PROCESS, 0);
        libc::setpriority(libc::PRIO_PROCESS, 0, now + nice);
    }
}
