"""What must hold of money after every command: of the state, and of what the events say of it."""

import struct
from collections import Counter
from typing import NamedTuple

from outcry.reference.codes import EXTERNAL_ACCOUNT, EventKind
from outcry.reference.holds import NOTHING, Balance, held_asset, need
from outcry.reference.machine import Machine
from outcry.reference.shape import MONEY_MAX

_RECORD = struct.Struct("<BBHIQ16s")


class Published(NamedTuple):
    """A balance as the events of a command say it."""

    account: int
    asset: int
    balance: Balance


class BalanceInvariants:
    """Folds the balances that the events say, as any reader of them would."""

    def __init__(self) -> None:
        self._balances: dict[tuple[int, int], Balance] = {}

    def check(self, machine: Machine) -> None:
        """Assert all that must hold of the balances known from the events alone."""
        published = read_published(machine.events)
        keys = [(each.account, each.asset) for each in published]
        assert keys == sorted(set(keys)), "balances come once each, by account and asset"
        for each in published:
            before = self._balances.get((each.account, each.asset), NOTHING)
            assert each.balance != before, "only what changed is said"
            self._balances[each.account, each.asset] = each.balance
        self._check_sums(machine)
        self._check_holds(machine)

    def _check_sums(self, machine: Machine) -> None:
        sums: Counter[int] = Counter()
        for (account, asset), balance in self._balances.items():
            sums[asset] += balance.available + balance.held
            owned = machine.accounts.owned.get((account, asset), 0)
            assert owned == balance.available + balance.held, "events and state agree"
            if account == EXTERNAL_ACCOUNT:
                assert -MONEY_MAX <= balance.available <= 0, "no more than the maximum on deposit"
                assert balance.held == 0, "the external account holds nothing"
            else:
                assert balance.available >= 0, "nothing available is below zero"
                assert balance.held >= 0, "nothing held is below zero"
        assert not any(sums.values()), "all balances of an asset sum to zero"

    def _check_holds(self, machine: Machine) -> None:
        """All that is held is the need of an open order or list, or a withdrawal on its way."""
        needs: Counter[tuple[int, int]] = Counter()
        alone = [order for order in machine.orders.values() if machine.list_of(order) is None]
        together = [
            [leg for leg in one.legs if leg.order_id in machine.orders and leg.pending is None]
            for one in machine.lists.values()
        ]
        for orders in (*([order] for order in alone), *filter(None, together)):
            instrument = machine.instruments[orders[0].instrument]
            key = (orders[0].account, held_asset(instrument, orders[0]))
            needs[key] += max(need(instrument, order) for order in orders)
        for withdrawal in machine.accounts.withdrawals.values():
            needs[withdrawal.account, withdrawal.asset] += withdrawal.amount
        held = Counter({key: balance.held for key, balance in self._balances.items()})
        assert held == needs, "holds are the needs of open orders and withdrawals"


def read_published(events: list[bytes]) -> list[Published]:
    """Return the balances that the events of a command say; they stand behind all else."""
    kinds = [record[0] for record in events]
    first = kinds.index(EventKind.BALANCE_CHANGED) if EventKind.BALANCE_CHANGED in kinds else None
    if first is None:
        assert EventKind.BALANCE_HELD not in kinds, "a balance begins with what is available"
        return []
    pairs = zip(events[first::2], events[first + 1 :: 2], strict=True)
    return [_join(changed, held) for changed, held in pairs]


def _join(changed: bytes, also_held: bytes) -> Published:
    kind, _, _, asset, _, available = _RECORD.unpack(changed)
    held_kind, _, _, same_asset, account, held = _RECORD.unpack(also_held)
    assert kind == EventKind.BALANCE_CHANGED, "balances come last"
    assert held_kind == EventKind.BALANCE_HELD, "a balance has two records"
    assert asset == same_asset, "both are of one asset"
    return Published(account, asset, Balance(_money(available), _money(held)))


def _money(words: bytes) -> int:
    return int.from_bytes(words, "little", signed=True)
