"""Goal: what one process says of its progress another reads at once, whole.

Method: two mappings of one file.
"""

from pathlib import Path

from outcry.projections.progress import Progress


def test_what_one_says_the_other_reads(tmp_path: Path) -> None:
    path = tmp_path / "history" / "progress"
    with Progress(path) as writer, Progress(path) as reader:
        assert reader.applied_sequence == reader.store == 0
        writer.applied_sequence = 2**64 - 1
        writer.first_sequence = 3
        assert (reader.applied_sequence, reader.first_sequence) == (2**64 - 1, 3)
        reader.want(9)
        reader.want(4)
        assert writer.wanted_sequence == 9


def test_progress_outlasts_its_process(tmp_path: Path) -> None:
    with Progress(tmp_path / "progress") as first:
        first.applied_sequence = 12
    with Progress(tmp_path / "progress") as second:
        assert second.applied_sequence == 12


def test_silence_is_told(tmp_path: Path) -> None:
    with Progress(tmp_path / "progress") as progress:
        assert progress.silent_s == float("inf")
        progress.beat()
        assert 0 <= progress.silent_s < 60


def test_a_store_that_is_made_anew_is_not_read_until_it_is_begun(tmp_path: Path) -> None:
    with Progress(tmp_path / "progress") as progress:
        stands = [progress.is_readable]
        progress.begin()
        progress.applied_sequence = 12
        stands.append(progress.is_readable)
        progress.begin_anew()
        stands.append(progress.is_readable)
        assert progress.applied_sequence == 0
        progress.begin()
        stands.append(progress.is_readable)
        assert stands == [False, True, False, True]
        assert progress.store == 2
