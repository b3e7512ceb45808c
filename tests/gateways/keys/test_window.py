"""Goal: the window rule of the reference: `ts < now + 1000 && now - ts <= recvWindow`, in ms.

Method: its bounds in a table, and the rule itself as the judge of random times.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.gateways.keys import (
    RECV_WINDOW_DEFAULT_US,
    RECV_WINDOW_MAX_US,
    WindowFault,
    window_fault,
)

NOW = 1_700_000_000_000_000


@pytest.mark.parametrize(
    ("age_us", "window_us", "fault"),
    [
        (0, RECV_WINDOW_DEFAULT_US, None),
        (5_000_000, RECV_WINDOW_DEFAULT_US, None),
        (5_000_001, RECV_WINDOW_DEFAULT_US, WindowFault.BEHIND),
        (60_000_000, RECV_WINDOW_MAX_US, None),
        (60_000_001, RECV_WINDOW_MAX_US, WindowFault.BEHIND),
        (-999_999, RECV_WINDOW_DEFAULT_US, None),
        (-1_000_000, RECV_WINDOW_DEFAULT_US, WindowFault.AHEAD),
        # The window says how old a request may be, not how early.
        (-999_999, 0, None),
        (0, 0, None),
        (1, 0, WindowFault.BEHIND),
        (6_000_346, 6_000_346, None),
        (6_000_347, 6_000_346, WindowFault.BEHIND),
    ],
)
def test_its_bounds(age_us: int, window_us: int, fault: WindowFault | None) -> None:
    assert window_fault(NOW - age_us, NOW, window_us) is fault


@given(st.integers(0, 2**63), st.integers(0, 2**63), st.integers(0, RECV_WINDOW_MAX_US))
def test_it_is_the_rule(timestamp: int, now: int, window: int) -> None:
    within = timestamp < now + 1_000_000 and now - timestamp <= window
    assert (window_fault(timestamp, now, window) is None) is within
