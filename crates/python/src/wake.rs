//! How a thread of the core wakes an event loop: by a number in a file descriptor, without the
//! interpreter.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use outcry_runtime::Waker;

/// A descriptor that is readable once it was woken, until it is heard.
pub(crate) struct Bell(OwnedFd);

impl Bell {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointers; what it answers is checked.
        let descriptor = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor was just made and is nobody else's.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(descriptor) }))
    }

    pub(crate) fn descriptor(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Makes the descriptor silent again.
    pub(crate) fn hear(&self) {
        let mut count = 0_u64;
        // SAFETY: the buffer has the eight bytes that an eventfd writes. That it had nothing to say
        // is no error here.
        unsafe { libc::read(self.descriptor(), (&raw mut count).cast(), size_of::<u64>()) };
    }
}

impl Waker for Bell {
    fn wake(&self) {
        let one = 1_u64;
        // SAFETY: the buffer has the eight bytes that an eventfd reads. It only refuses when its
        // count is full, and is readable then.
        unsafe { libc::write(self.descriptor(), (&raw const one).cast(), size_of::<u64>()) };
    }
}
