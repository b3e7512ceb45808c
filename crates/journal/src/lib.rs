//! The write-ahead journal of the exchange: the one truth that everything else is made from.

pub mod disk;
#[cfg(feature = "faults")]
pub mod disk_faults;

// What stands beside the journal, in the same data directory.
