"""For how long a follower has been behind: what was durable then, it has not got yet."""

from collections.abc import Callable


class Lateness:
    """Measures it by looks, of which there should be several within the bound that is of interest.

    Attributes:
        is_behind: Whether it has not yet caught up since this began or was begun anew.
    """

    def __init__(self, durable: Callable[[], int], applied: Callable[[], int]) -> None:
        """Compare two rising sequences: what is durable, and what the follower has applied."""
        self._durable = durable
        self._applied = applied
        self._mark: tuple[int, float] | None = None
        self.is_behind = True

    def begin_anew(self) -> None:
        """Have it catch up with what is durable now before anything is said of its lateness."""
        self._mark = None
        self.is_behind = True

    def look(self, now_s: float) -> float:
        """Return for how long it has lacked what was durable, in seconds; 0 while it keeps up.

        >>> durable, applied = [7], [5]
        >>> lateness = Lateness(lambda: durable[0], lambda: applied[0])
        >>> lateness.look(10.0), lateness.look(12.5)
        (0.0, 2.5)
        >>> applied[0], durable[0] = 7, 9
        >>> lateness.look(13.0), lateness.is_behind, lateness.look(13.5)
        (0.0, False, 0.5)
        """
        applied = self._applied()
        if self._mark is not None and applied >= self._mark[0]:
            self._mark = None
            self.is_behind = False
        if self._mark is None:
            self._mark = self._durable(), now_s
        sequence, since_s = self._mark
        if applied >= sequence:
            self.is_behind = False
        return now_s - since_s
