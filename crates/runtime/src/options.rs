//! How an exchange is to run.

use crate::clock::{Clock, SystemClock};
use outcry_engine::EngineConfig;
use outcry_journal::disk::{Disk, RealDisk};
use outcry_journal::{ArchivePolicy, EventRetention};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// When a reply may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Once the disk has confirmed what it shows.
    #[default]
    Sync,
    /// Once it is written; the disk is asked to confirm every so often. A power failure may lose
    /// that much of what was acknowledged, a crash of the process nothing.
    Interval(Duration),
    /// Once it is written; the disk is never asked but at the end.
    None,
}

impl fmt::Display for Durability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sync => formatter.write_str("sync"),
            Self::Interval(every) => write!(formatter, "interval {} ms", every.as_millis()),
            Self::None => formatter.write_str("none"),
        }
    }
}

/// What is kept of journal and events; by default all, old segments in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Whether closed segments of the journal behind a verified snapshot are archived.
    pub archives: bool,
    /// Closed segments that stay as they are.
    pub plain_segments: u32,
    /// How much of the archive is kept.
    pub archive: ArchivePolicy,
    /// How much of the event log is kept.
    pub events: EventRetention,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            archives: true,
            plain_segments: 1,
            archive: ArchivePolicy::default(),
            events: EventRetention::default(),
        }
    }
}

/// How an exchange is to run.
#[derive(Clone)]
pub struct Options {
    /// The bounds of the engine. What decides on the effect of commands is recorded in the journal
    /// when it is made and cannot differ later, but by `may_change_rules`.
    pub engine: EngineConfig,
    /// Whether other rules than the recorded ones may begin, as a new epoch of the journal. This
    /// takes a snapshot of its very end, as a clean stop leaves it.
    pub may_change_rules: bool,
    /// When a reply may leave.
    pub durability: Durability,
    /// Bytes of the ring that takes commands in: a power of two from 64 KiB to 1 GiB.
    pub command_ring_bytes: usize,
    /// Bytes of commands and events on their way from the engine to the clients, above which the
    /// engine waits for the disk: from 1 MiB.
    pub in_flight_bytes: usize,
    /// Bytes of commands that the follower may be behind the engine, not counting those from before
    /// the opening; commands are refused as `overloaded` above it: from 1 MiB.
    pub follower_lag_bytes_max: u64,
    /// Bytes of the disk that are left to others: with fewer free, beside what the next segment,
    /// the next snapshot and the follower will take, commands are refused; up to 1 TiB, 0 for
    /// never.
    pub disk_reserve_bytes: u64,
    /// Most clients at a time, from 1 to 65,535.
    pub clients_max: u32,
    /// Bytes of a journal segment.
    pub segment_bytes: u64,
    /// Segments that are kept ready, at most 64. Half of them are a burst that the disk has room
    /// for without writing anything else.
    pub spare_segments: u32,
    /// Between two snapshots, in milliseconds; 0 takes one at a clean stop only.
    pub snapshot_interval_ms: u64,
    /// The newest snapshots, that are kept beside one for each kept segment, from 1.
    pub snapshots_kept: u32,
    /// What is kept of journal and events.
    pub retention: Retention,
    /// Whether busy threads look for work without sleeping: takes a core each.
    pub spin: bool,
    /// The cores that the threads (core, journal, events, follower) stay on, used in turn.
    pub pin: Option<Vec<usize>>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// The disk.
    pub disk: Arc<dyn Disk>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            engine: EngineConfig::default(),
            may_change_rules: false,
            durability: Durability::Sync,
            command_ring_bytes: 8 << 20,
            in_flight_bytes: 64 << 20,
            follower_lag_bytes_max: 1 << 30,
            disk_reserve_bytes: 64 << 20,
            clients_max: 1_024,
            segment_bytes: 64 << 20,
            spare_segments: 1,
            snapshot_interval_ms: 1_000,
            snapshots_kept: 3,
            retention: Retention::default(),
            spin: false,
            pin: None,
            clock: Arc::new(SystemClock),
            disk: RealDisk::shared(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("engine", &self.engine)
            .field("may_change_rules", &self.may_change_rules)
            .field("durability", &self.durability)
            .field("command_ring_bytes", &self.command_ring_bytes)
            .field("in_flight_bytes", &self.in_flight_bytes)
            .field("follower_lag_bytes_max", &self.follower_lag_bytes_max)
            .field("disk_reserve_bytes", &self.disk_reserve_bytes)
            .field("clients_max", &self.clients_max)
            .field("segment_bytes", &self.segment_bytes)
            .field("spare_segments", &self.spare_segments)
            .field("snapshot_interval_ms", &self.snapshot_interval_ms)
            .field("snapshots_kept", &self.snapshots_kept)
            .field("retention", &self.retention)
            .field("spin", &self.spin)
            .field("pin", &self.pin)
            .finish_non_exhaustive()
    }
}

/// A value that an option cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{field}: {value} is not within {least} to {most}{}",
    if *.power { ", a power of two" } else { "" }
)]
pub struct OptionError {
    /// The option.
    pub field: &'static str,
    /// What it was.
    pub value: u64,
    /// The least that it can be.
    pub least: u64,
    /// The most that it can be.
    pub most: u64,
    /// Whether it must be a power of two.
    pub power: bool,
}

impl Options {
    /// Checks every bound.
    pub(crate) fn check(&self) -> Result<(), OptionError> {
        let within = |field, value: u64, least, most, power: bool| {
            if (least..=most).contains(&value) && (!power || value.is_power_of_two()) {
                Ok(())
            } else {
                Err(OptionError {
                    field,
                    value,
                    least,
                    most,
                    power,
                })
            }
        };
        let ring = self.command_ring_bytes as u64;
        within("command_ring_bytes", ring, 64 << 10, 1 << 30, true)?;
        let in_flight = self.in_flight_bytes as u64;
        within("in_flight_bytes", in_flight, 1 << 20, 1 << 40, false)?;
        let lag = self.follower_lag_bytes_max;
        within("follower_lag_bytes_max", lag, 1 << 20, 1 << 60, false)?;
        let reserve = self.disk_reserve_bytes;
        within("disk_reserve_bytes", reserve, 0, 1 << 40, false)?;
        within("clients_max", self.clients_max.into(), 1, 65_535, false)?;
        within("segment_bytes", self.segment_bytes, 1 << 20, 1 << 40, false)?;
        within("spare_segments", self.spare_segments.into(), 0, 64, false)?;
        within(
            "snapshots_kept",
            self.snapshots_kept.into(),
            1,
            1_000_000,
            false,
        )?;
        let day_ms = 86_400_000;
        within(
            "snapshot_interval_ms",
            self.snapshot_interval_ms,
            0,
            day_ms,
            false,
        )?;
        let cores = self.pin.iter().flatten().copied().max().unwrap_or(0) as u64;
        within("pin", cores, 0, 1_023, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_that_is_broken_is_named() {
        assert_eq!(Options::default().check(), Ok(()));
        let odd = Options {
            command_ring_bytes: 100_000,
            ..Options::default()
        };
        let text = odd.check().unwrap_err().to_string();
        let expected =
            "command_ring_bytes: 100000 is not within 65536 to 1073741824, a power of two";
        assert_eq!(text, expected);
        let none = Options {
            clients_max: 0,
            ..Options::default()
        };
        assert!(
            none.check()
                .unwrap_err()
                .to_string()
                .starts_with("clients_max: 0")
        );
    }
}
