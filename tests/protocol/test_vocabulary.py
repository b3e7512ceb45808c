"""Goal: a number means in Python what it means in the core.

Method: every enumeration is compared with the core's, both ways.
"""

from enum import IntEnum

import pytest

from outcry import _native, protocol

ENUMERATIONS: list[type[IntEnum]] = [
    protocol.AccountState,
    protocol.CancelReason,
    protocol.CommandKind,
    protocol.EventKind,
    protocol.ListState,
    protocol.ListType,
    protocol.OrderType,
    protocol.RejectReason,
    protocol.SelfTrade,
    protocol.Side,
    protocol.StopUnit,
    protocol.TimeInForce,
    protocol.TradingState,
    protocol.Trigger,
]
VOCABULARY = _native.vocabulary()


def test_every_enumeration_of_the_core_is_here() -> None:
    assert {kind.__name__ for kind in ENUMERATIONS} == set(VOCABULARY)


@pytest.mark.parametrize("kind", ENUMERATIONS)
def test_values_and_names_are_the_cores(kind: type[IntEnum]) -> None:
    assert {str(value): int(value) for value in kind} == VOCABULARY[kind.__name__]


def test_every_reject_names_its_field() -> None:
    fields = _native.reject_fields()
    assert {int(reason): reason.field for reason in protocol.RejectReason} == fields
    assert all(fields.values())
