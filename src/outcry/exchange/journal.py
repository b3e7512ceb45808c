"""A data directory seen from outside: audit, repair, and the commands in its journal.

None of this opens an exchange. An audit and a reader take no lock and change nothing, so they work
beside a process that trades; a repair takes the directory for itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from outcry import _native
from outcry.exchange.values import U64_MAX, to_path, to_whole
from outcry.protocol.command_rows import CommandRow, command_rows


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        file: The file or folder.
        offset: Bytes from the start of the segment; 0 where none is meant.
        text: What is wrong there.
    """

    file: Path
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class Segment:
    """What was read of one file of the journal."""

    file: Path
    is_archived: bool
    is_sealed: bool
    first_sequence: int
    last_sequence: int
    frames: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit saw.

    Attributes:
        verdict: The worst of all that was seen.
        exit_code: What a process that tells it ends with: 0 good, 1 damaged, 2 unusable.
        findings: What is wrong, the journal's files first.
        segments: The files in which frames were read.
        shard: The shard.
        epoch: The epoch at the journal's end.
        first_sequence: The first command that is kept.
        last_sequence: The last command that was read.
        durable_sequence: The durable end that was recorded.
        tail: The unsealed tail that the next opening will cut, None without one.
        good_snapshots: Sequences of the snapshots whose state is whole.
        reached_snapshots: Those that replay reached in the same state.
        replayed_from: The snapshot that replay began with, 0 for the first command.
        replayed_commands: How many commands were replayed, digests compared all along.
        state_hash: SHA-256 of the state behind the last of them, None without a replay.
    """

    verdict: Literal["good", "damaged", "unusable"]
    exit_code: int
    findings: list[Finding]
    segments: list[Segment]
    shard: int
    epoch: int
    first_sequence: int
    last_sequence: int
    durable_sequence: int
    tail: str | None
    good_snapshots: list[int]
    reached_snapshots: list[int]
    replayed_from: int
    replayed_commands: int
    state_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did.

    Attributes:
        damage: The damage, as an opening tells it.
        last_sequence: The last command that is left.
        durable_sequence: The durable end that had been recorded.
        lost: First and last sequence of the commands known to be lost, None for none.
        lost_bytes: Bytes that were taken from the journal.
        quarantined: Where they are now.
        epoch: The new epoch.
        removed_snapshots: Snapshots that the journal no longer reaches.
        events_from: The first command whose events will be made again.
    """

    damage: str
    last_sequence: int
    durable_sequence: int
    lost: tuple[int, int] | None
    lost_bytes: int
    quarantined: list[Path]
    epoch: int
    removed_snapshots: list[int]
    events_from: int


def audit(path: Path | str, progress: Callable[[int, int], object] | None = None) -> Audit:
    """Read a data directory whole: every frame, every snapshot, and all that replay says again.

    Args:
        path: The data directory.
        progress: Called now and then with the sequence that replay has reached, and the last one.
    """
    seen = _native.audit_directory(to_path(path), progress)
    findings = [Finding(Path(file), offset, text) for file, offset, text in seen.pop("findings")]
    segments = [Segment(Path(file), *rest) for file, *rest in seen.pop("segments")]
    return Audit(findings=findings, segments=segments, **seen)


def repair(path: Path | str) -> Repair:
    """Cut a damaged journal at the first damage, and begin a new epoch behind what is left.

    What is cut is kept under `quarantine/`. Commands behind the damage are lost, acknowledged
    ones too: an exchange never does this by itself.

    Raises:
        OpenFailed: Nothing is damaged, or nothing can be kept.
        DirectoryLocked: Another process has the directory open.
    """
    done = _native.repair_directory(to_path(path))
    quarantined = [Path(file) for file in done.pop("quarantined")]
    return Repair(quarantined=quarantined, **done)


@dataclass(frozen=True, slots=True)
class JournaledCommand:
    """A command as it stands in the journal.

    Attributes:
        sequence: Its sequence.
        time_ns: When it was sequenced, in nanoseconds since 1970 UTC.
        epoch: The epoch in which it was written.
        row: Its fields, by name.
    """

    sequence: int
    time_ns: int
    epoch: int
    row: CommandRow


def journaled_commands(path: Path | str, from_sequence: int = 1) -> Iterator[JournaledCommand]:
    """Yield the commands of a journal from a sequence on, up to what is written now.

    Raises:
        InvalidValue: `from_sequence` is no int from 0 to 2^64 - 1, or `path` is none.
        JournalDamaged: At a frame that is not whole; the commands before it were yielded.
        OpenFailed: There is no journal, or it no longer has that sequence.
    """
    first_sequence = to_whole("from_sequence", from_sequence, U64_MAX)
    frames = _native.JournalReader(to_path(path), first_sequence)
    for first, frame_time_ns, epoch, _digest, _count, records in frames:
        for sequence, row in enumerate(command_rows(records), first):
            # A record that is no command has no time of its own.
            time_ns = row.pop("time_ns", frame_time_ns)
            if sequence >= first_sequence and isinstance(time_ns, int):
                yield JournaledCommand(sequence, time_ns, epoch, row)
