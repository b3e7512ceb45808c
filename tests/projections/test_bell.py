"""Goal: who rings is heard at once, and who rings where nobody hears is not held up.

Method: both ends in one process.
"""

from pathlib import Path

from outcry.projections.bell import Bell, Rope


def test_a_ring_is_heard_once(tmp_path: Path) -> None:
    path = tmp_path / "bell"
    with Bell(path) as bell:
        rope, other = Rope(path), Rope(path)
        assert not bell.hear(0)
        rope.ring()
        other.ring()
        assert bell.hear(10)
        assert not bell.hear(0)
        rope.close()
        other.close()
        assert not bell.hear(0)


def test_ringing_for_nobody_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "bell"
    rope = Rope(path)
    rope.ring()
    with Bell(path) as bell:
        rope.ring()
        assert bell.hear(10)
    for _ in range(100_000):
        rope.ring()
    with Bell(path) as bell:
        rope.ring()
        assert bell.hear(10)
    rope.close()


def test_a_bell_that_nobody_hears_is_rung_without_end(tmp_path: Path) -> None:
    path = tmp_path / "bell"
    with Bell(path) as bell:
        rope = Rope(path)
        for _ in range(100_000):
            rope.ring()
        assert bell.hear(10)
        rope.close()
