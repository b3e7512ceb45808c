"""Who owns what: accounts, assets, and money that only ever moves from one account to another."""

from dataclasses import dataclass, field
from typing import NamedTuple

from outcry.reference.codes import EXTERNAL_ACCOUNT, FEE_ACCOUNT, AccountState


@dataclass(slots=True)
class Account:
    """An account: its trade group (its own number unless another was set), fee rates and state."""

    group: int
    maker_rate_ppm: int = 0
    taker_rate_ppm: int = 0
    state: int = AccountState.ACTIVE


class Asset(NamedTuple):
    """What is owned, in smallest units of so many decimals."""

    number: int
    name: bytes
    decimals: int


class Withdrawal(NamedTuple):
    """Money that is on its way out: still the account's, but held."""

    account: int
    asset: int
    amount: int


class SourceAnswer(NamedTuple):
    """The last number of a source of funds, and how it was answered: 0 or the reject's code."""

    number: int
    sequence: int
    code: int


@dataclass(slots=True)
class Accounts:
    """All accounts, and all that they own.

    `owned` is what an account has of an asset, available and held together. The external account
    owns what is not on deposit: its numbers are below zero, so that each asset's sum is zero.
    """

    accounts: dict[int, Account] = field(default_factory=dict)
    assets: dict[int, Asset] = field(default_factory=dict)
    owned: dict[tuple[int, int], int] = field(default_factory=dict)
    withdrawals: dict[int, Withdrawal] = field(default_factory=dict)
    sources: dict[int, SourceAnswer] = field(default_factory=dict)

    def exists(self, account: int) -> bool:
        """Tell whether there is such an account; the fee account is always there."""
        return account == FEE_ACCOUNT or account in self.accounts

    def state_of(self, account: int) -> int:
        """Return the state of an account that exists."""
        return AccountState.ACTIVE if account == FEE_ACCOUNT else self.accounts[account].state

    def on_deposit(self, asset: int) -> int:
        """Return how much of an asset is on deposit: as much as the external account lacks."""
        return -self.owned.get((EXTERNAL_ACCOUNT, asset), 0)

    def move(self, asset: int, payer: int, payee: int, amount: int) -> None:
        """Move money: what one account loses another gains, and nothing else changes."""
        self.owned[payer, asset] = self.owned.get((payer, asset), 0) - amount
        self.owned[payee, asset] = self.owned.get((payee, asset), 0) + amount
