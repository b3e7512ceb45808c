"""Mistakes in the rules of money, planted in the naive engine, must be found by the comparison.

Goal: to know that the comparison can fail where money is concerned. Method: as for the rules of the
market: one rule at a time is broken, and the streams of the quick suite run until one shows it.
"""

from operator import itemgetter

import pytest

from outcry.reference import (
    Machine,
    Order,
    funds,
    holds,
    matching,
    replace,
    requests,
    settlement,
    standing,
)
from outcry.reference import order as order_module
from outcry.reference.accounts import Withdrawal
from outcry.reference.codes import EXTERNAL_ACCOUNT, FEE_ACCOUNT, Kind, OrderType, Reason, SelfTrade
from outcry.reference.instrument import Instrument
from outcry.reference.machine import RefusedError, Remembered, Trade
from outcry.reference.order import Place
from outcry.reference.records import AccountCommand, Command, FundsCommand, SettleCommand
from tests.comparison.compare import EngineFactory
from tests.comparison.planting import Plants, find_difference
from tests.comparison.test_money_streams import COMMANDS, MONEY_OPTIONS, SEEDS

Balances = dict[tuple[int, int], holds.Balance]
plant = Plants()


@plant
def a_fee_is_rounded_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settlement, "share", lambda rate, amount: -(rate * amount // -1_000_000))


@plant
def a_rebate_may_be_more_than_the_takers_fee(patch: pytest.MonkeyPatch) -> None:
    def rebate(maker: Order, taker_gets: int, _: int) -> int:
        return settlement.share(max(0, -maker.maker_rate_ppm), taker_gets)

    patch.setattr(settlement, "rebate", rebate)


@plant
def a_rebate_is_a_part_of_the_takers_fee(patch: pytest.MonkeyPatch) -> None:
    def rebate(maker: Order, _: int, taker_fee: int) -> int:
        return settlement.share(max(0, -maker.maker_rate_ppm), taker_fee)

    patch.setattr(settlement, "rebate", rebate)


@plant
def fees_are_those_that_the_account_has_now(patch: pytest.MonkeyPatch) -> None:
    right = settlement.settle

    def settle(machine: Machine, instrument: Instrument, deal: Trade) -> None:
        for order in (deal.maker, deal.taker):
            order.taker_rate_ppm = machine.stamps_of(order.account).taker_rate_ppm
            order.maker_rate_ppm = machine.stamps_of(order.account).maker_rate_ppm
        right(machine, instrument, deal)

    patch.setattr(settlement, "settle", settle)


@plant
def a_taker_pays_its_own_limit(patch: pytest.MonkeyPatch) -> None:
    right = settlement.settle

    def settle(machine: Machine, instrument: Instrument, deal: Trade) -> None:
        taker = deal.taker
        if taker.is_buy and taker.order_type == OrderType.LIMIT:
            deal = deal._replace(price_ticks=taker.price_ticks)
        right(machine, instrument, deal)

    patch.setattr(settlement, "settle", settle)


def hold_more(found: Balances, machine: Machine, order: Order, sign: int) -> None:
    """Let an order hold its need once more, or (-1) nothing at all."""
    instrument = machine.instruments[order.instrument]
    key = (order.account, holds.held_asset(instrument, order))
    amount = sign * holds.need(instrument, order)
    available, held = found.get(key, holds.NOTHING)
    found[key] = holds.Balance(available - amount, held + amount)


@plant
def what_an_expired_order_held_is_not_released(patch: pytest.MonkeyPatch) -> None:
    expired: list[tuple[Machine, Order]] = []
    right_expire, right_balances = Machine.expire, holds.balances

    def expire(machine: Machine, order: Order) -> None:
        right_expire(machine, order)
        expired.append((machine, order))

    def balances(machine: Machine) -> Balances:
        found = right_balances(machine)
        for owner, order in expired:
            if owner is machine:
                hold_more(found, machine, order, 1)
        return found

    patch.setattr(Machine, "expire", expire)
    patch.setattr(holds, "balances", balances)


@plant
def a_due_order_holds_nothing(patch: pytest.MonkeyPatch) -> None:
    right = holds.balances

    def balances(machine: Machine) -> Balances:
        found = right(machine)
        for order in machine.orders.values():
            if machine.is_due(order):
                hold_more(found, machine, order, -1)
        return found

    patch.setattr(holds, "balances", balances)


@plant
def a_stop_holds_at_its_stop(patch: pytest.MonkeyPatch) -> None:
    right = holds.hold_price

    def hold_price(order: Order) -> int:
        return order.stop_ticks if order.order_type == OrderType.STOP else right(order)

    patch.setattr(holds, "hold_price", hold_price)


@plant
def the_band_of_a_stops_hold_is_rounded_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        order_module, "band_high", lambda price, ppm: -(price * (1_000_000 + ppm) // -1_000_000)
    )


@plant
def the_hold_of_a_trailing_buy_moves_with_its_stop(patch: pytest.MonkeyPatch) -> None:
    right = holds.hold_price

    def hold_price(order: Order) -> int:
        waits = order.order_type == OrderType.STOP and order.place == Place.WAITING
        return order.worst_stop_ticks if waits else right(order)

    patch.setattr(holds, "hold_price", hold_price)


@plant
def a_sell_holds_its_shown_lots(patch: pytest.MonkeyPatch) -> None:
    right = holds.need

    def need(instrument: Instrument, order: Order) -> int:
        if order.is_buy or order.place != Place.RESTING:
            return right(instrument, order)
        return order.shown_lots * instrument.lot_unit

    patch.setattr(holds, "need", need)


@plant
def balances_are_said_by_asset_then_account(patch: pytest.MonkeyPatch) -> None:
    def emit_changes(machine: Machine, before: Balances) -> None:
        after = holds.balances(machine)
        for account, asset in sorted(before.keys() | after.keys(), key=itemgetter(1, 0)):
            new = after.get((account, asset), holds.NOTHING)
            if new != before.get((account, asset), holds.NOTHING):
                machine.emit_balance(account, asset, new.available, new.held)

    patch.setattr(holds, "emit_changes", emit_changes)


@plant
def a_change_of_what_is_held_alone_is_not_said(patch: pytest.MonkeyPatch) -> None:
    right = holds.emit_changes

    def emit_changes(machine: Machine, before: Balances) -> None:
        after = holds.balances(machine)
        same = {key for key in before if key in after and before[key][0] == after[key][0]}
        right(
            machine,
            {key: after.get(key, before[key]) if key in same else before[key] for key in before},
        )

    patch.setattr(holds, "emit_changes", emit_changes)


@plant
def the_fee_account_is_not_said(patch: pytest.MonkeyPatch) -> None:
    right = Machine.emit_balance

    def emit_balance(machine: Machine, account: int, asset: int, available: int, held: int) -> None:
        if account != FEE_ACCOUNT:
            right(machine, account, asset, available, held)

    patch.setattr(Machine, "emit_balance", emit_balance)


@plant
def a_repeated_number_of_a_source_counts(patch: pytest.MonkeyPatch) -> None:
    right = requests.find_number

    def find_number(machine: Machine, command: Command) -> Remembered | None:
        source, number = requests.source_of(command)
        last = machine.accounts.sources.get(source)
        if last is not None and last.number == number:
            return None
        return right(machine, command)

    patch.setattr(requests, "find_number", find_number)


@plant
def a_refusal_leaves_the_number_of_its_source(patch: pytest.MonkeyPatch) -> None:
    right = requests.remember

    def remember(machine: Machine, command: Command, code: int, order_id: int) -> None:
        if code == 0 or command.kind not in (Kind.DEPOSIT, Kind.TRANSFER, Kind.SETTLE_WITHDRAWAL):
            right(machine, command, code, order_id)

    patch.setattr(requests, "remember", remember)


@plant
def requests_of_unknown_accounts_are_remembered(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(requests, "_FORGOTTEN", (Reason.TOO_MANY_ACCOUNTS, Reason.TOO_MANY_SOURCES))


@plant
def a_market_order_is_asked_for_its_own_groups_lots_too(patch: pytest.MonkeyPatch) -> None:
    right = holds.cost

    def cost(machine: Machine, instrument: Instrument, order: Order, worst: int) -> int:
        mode, order.self_trade = order.self_trade, SelfTrade.NONE
        amount = right(machine, instrument, order, worst)
        order.self_trade = mode
        return amount

    patch.setattr(holds, "cost", cost)


@plant
def a_market_buy_is_asked_for_the_last_price_of_its_walk(patch: pytest.MonkeyPatch) -> None:
    right = holds.cost

    def cost(machine: Machine, instrument: Instrument, order: Order, worst: int) -> int:
        if not order.is_buy or order.order_type != OrderType.MARKET or order.amount_left:
            return right(machine, instrument, order, worst)
        fills = matching.walk(machine, instrument, order, worst)
        return sum(fills[-1].price_ticks * lots * instrument.value_unit for _, lots in fills)

    patch.setattr(holds, "cost", cost)


@plant
def an_amount_buy_is_asked_for_what_it_finds(patch: pytest.MonkeyPatch) -> None:
    right = holds.cost

    def cost(machine: Machine, instrument: Instrument, order: Order, worst: int) -> int:
        if not order.is_buy or order.amount_left is None:
            return right(machine, instrument, order, worst)
        fills = matching.walk(machine, instrument, order, worst)
        return sum(price * lots * instrument.value_unit for price, lots in fills)

    patch.setattr(holds, "cost", cost)


@plant
def a_replace_may_not_use_its_own_hold(patch: pytest.MonkeyPatch) -> None:
    right = holds.require

    def require(
        machine: Machine, account: int, asset: int, amount: int, _own_hold: int = 0
    ) -> None:
        right(machine, account, asset, amount)

    patch.setattr(holds, "require", require)


@plant
def a_replace_is_not_asked_for_its_balance(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(replace, "check_hold", lambda *_: None)


@plant
def what_is_held_can_be_withdrawn(patch: pytest.MonkeyPatch) -> None:
    right = funds.withdraw

    def withdraw(machine: Machine, command: FundsCommand) -> None:
        balance = holds.balance(machine, command.account, command.asset)
        if balance.available < command.amount <= balance.available + balance.held:
            machine.accounts.withdrawals[machine.sequence] = Withdrawal(
                command.account, command.asset, balance.available
            )
        else:
            right(machine, command)

    patch.setattr(funds, "withdraw", withdraw)


@plant
def a_voided_withdrawal_leaves(patch: pytest.MonkeyPatch) -> None:
    right = funds.settle_withdrawal

    def settle_withdrawal(machine: Machine, command: SettleCommand) -> None:
        right(machine, command._replace(post=1))

    patch.setattr(funds, "settle_withdrawal", settle_withdrawal)


@plant
def withdrawals_are_counted_over_all_accounts(patch: pytest.MonkeyPatch) -> None:
    right = funds.withdraw

    def withdraw(machine: Machine, command: FundsCommand) -> None:
        if len(machine.accounts.withdrawals) >= machine.withdrawals_max:
            raise RefusedError(Reason.TOO_MANY_WITHDRAWALS, machine.withdrawals_max)
        right(machine, command)

    patch.setattr(funds, "withdraw", withdraw)


@plant
def the_maximum_on_deposit_counts_one_account(patch: pytest.MonkeyPatch) -> None:
    def deposit(machine: Machine, command: FundsCommand) -> None:
        accounts = machine.accounts
        room = 2**100 - accounts.owned.get((command.account, command.asset), 0)
        if command.amount > room:
            raise RefusedError(Reason.TOTAL_ABOVE_MAXIMUM, min(room, 2**64 - 1))
        accounts.move(command.asset, EXTERNAL_ACCOUNT, command.account, command.amount)

    patch.setattr(funds, "deposit", deposit)


@plant
def a_frozen_account_may_withdraw(patch: pytest.MonkeyPatch) -> None:
    right = standing.check_funds

    def check_funds(machine: Machine, command: FundsCommand) -> None:
        if command.kind != Kind.WITHDRAW:
            right(machine, command)
        standing.require_account(machine, command.account)

    patch.setattr(standing, "check_funds", check_funds)


@plant
def the_payee_is_asked_before_the_payer(patch: pytest.MonkeyPatch) -> None:
    right = standing.check_funds

    def check_funds(machine: Machine, command: FundsCommand) -> None:
        if command.kind == Kind.TRANSFER:
            standing.require_account(machine, command.to_account)
        right(machine, command)

    patch.setattr(standing, "check_funds", check_funds)


@plant
def only_active_accounts_are_paid(patch: pytest.MonkeyPatch) -> None:
    right = standing.check_funds

    def check_funds(machine: Machine, command: FundsCommand) -> None:
        right(machine, command)
        if command.kind == Kind.DEPOSIT:
            standing.require_active(machine, command.account)

    patch.setattr(standing, "check_funds", check_funds)


@plant
def an_account_set_anew_changes_its_open_orders(patch: pytest.MonkeyPatch) -> None:
    right = funds.set_account

    def set_account(machine: Machine, command: AccountCommand) -> None:
        right(machine, command)
        for order in machine.orders.values():
            if order.account == command.account:
                order.maker_rate_ppm = command.maker_rate_ppm

    patch.setattr(funds, "set_account", set_account)


RARE = (
    the_payee_is_asked_before_the_payer,
    a_frozen_account_may_withdraw,
    a_market_buy_is_asked_for_the_last_price_of_its_walk,
    only_active_accounts_are_paid,
    the_hold_of_a_trailing_buy_moves_with_its_stop,
    a_replace_is_not_asked_for_its_balance,
    withdrawals_are_counted_over_all_accounts,
)


@pytest.mark.parametrize("name", plant.parameters(RARE))
def test_a_planted_bug_of_money_is_found(
    make_fast: EngineFactory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    plant[name](monkeypatch)
    assert find_difference(make_fast, MONEY_OPTIONS, SEEDS, COMMANDS) is not None
