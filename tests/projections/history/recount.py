"""The history counted again in plain Python, from the journal's commands and the typed events.

It keeps everything in dictionaries and lists, one command at a time, in fractions where the rules
have them, and shares no code with the fold.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

from outcry.exchange.journal import JournaledCommand, journaled_commands
from outcry.projections.history import OrderState
from outcry.protocol import (
    Accepted,
    Cancelled,
    Entered,
    Event,
    Expired,
    ListChanged,
    ListState,
    Prevented,
    Replaced,
    Side,
    Traded,
    Triggered,
)

MINUTE_NS = 60_000_000_000
Fields = dict[str, Any]


@dataclass
class Recount:
    """What the commands and events so far come to."""

    orders: dict[int, Fields] = field(default_factory=dict)
    fills: list[Fields] = field(default_factory=list)
    trades: list[Fields] = field(default_factory=list)
    aggregates: list[Fields] = field(default_factory=list)
    lists: dict[int, Fields] = field(default_factory=dict)
    rates: dict[int, tuple[int, int]] = field(default_factory=dict)
    instruments: dict[int, Fields] = field(default_factory=dict)
    time_ns: int = 0
    sequence: int = 0

    @classmethod
    def of(cls, path: Path, events: Iterable[Event]) -> "Recount":
        """Count the journal of a directory again."""
        by_sequence: dict[int, list[Event]] = {}
        for event in events:
            by_sequence.setdefault(event.sequence, []).append(event)
        count = cls()
        for command in journaled_commands(path):
            count.take(command, by_sequence.get(command.sequence, []))
        return count

    def take(self, command: JournaledCommand, events: list[Event]) -> None:
        """Take a command and what it did."""
        row = command.row
        self.sequence = command.sequence
        if not str(row["kind"]).startswith("0x"):
            self.time_ns = max(self.time_ns, command.time_ns)
        legs = iter(row.get("legs", ()) if row["kind"] == "new_list" else ())  # type: ignore[call-overload]
        made: list[int] = []
        for event in events:
            match event:
                case Accepted(order_id=order_id) if row["kind"] == "new_list" and order_id:
                    self.enter_leg(order_id, row, next(legs), len(made))
                    made.append(order_id)
                case Accepted(order_id=order_id):
                    self.accept(order_id, row)
                    made.append(order_id)
                case _:
                    self.happen(event, row)
        if (
            row["kind"] == "new_amount"
            and made
            and self.orders[made[0]]["state"] == OrderState.OPEN
        ):
            self.touch(made[0], state=OrderState.FILLED)

    def end_amount_order(self, order_id: int) -> None:
        """End an order whose amount was spent whole, which no event says."""
        if self.orders[order_id]["state"] == OrderState.OPEN:
            self.touch(order_id, state=OrderState.FILLED)

    def accept(self, order_id: int, row: Fields) -> None:
        """Take a command that was accepted."""
        kind = row["kind"]
        if kind in {"new", "new_extended", "new_amount"}:
            self.enter(order_id, row)
        elif kind == "set_account":
            maker, taker = row.get("maker_rate_ppm", 0), row.get("taker_rate_ppm", 0)
            self.rates[row["account"]] = (maker, taker)
        elif kind in {"add_instrument", "update_instrument"}:
            self.instruments[row["instrument"]] = row

    def enter(self, order_id: int, row: Fields, **leg: object) -> None:
        """Take an order in."""
        waits = row["order_type"] in {"stop", "stop_limit"}
        state = OrderState.WAITING if waits else OrderState.OPEN
        self.orders[order_id] = {
            "row": row,
            "order_id": order_id,
            "instrument": row["instrument"],
            "account": row["account"],
            "state": state,
            "reason": None,
            "refusal": None,
            "price_ticks": row.get("price_ticks", 0),
            "quantity_lots": row.get("quantity_lots", 0),
            "stop": row.get("stop", 0),
            "filled_lots": 0,
            "prevented_lots": 0,
            "value": 0,
            "entered_ns": self.time_ns,
            "changed_ns": self.time_ns,
            "working_ns": 0 if waits else self.time_ns,
            "entered_sequence": self.sequence,
            "changed_sequence": self.sequence,
            "rates": self.rates.get(row["account"], (0, 0)),
            "list_id": 0,
            "leg": 0,
            **leg,
        }

    def enter_leg(self, order_id: int, row: Fields, leg: Fields, place: int) -> None:
        """Take a leg of a list in."""
        listed = {"list_id": self.sequence, "leg": place}
        is_pending = place > 0 and row["list_type"] != "oco"
        if is_pending:
            listed |= {"state": OrderState.PENDING, "working_ns": 0}
        said = {"instrument": row["instrument"], "account": row["account"], **leg}
        self.enter(order_id, said, **listed)
        known = self.lists.setdefault(
            self.sequence,
            {
                "row": row,
                "state": ListState.EXECUTING,
                "order_ids": [],
                "entered_ns": self.time_ns,
                "changed_ns": self.time_ns,
            },
        )
        known["order_ids"].append(order_id)

    def touch(self, order_id: int, **changes: object) -> None:
        """Change an order."""
        changed = {"changed_ns": self.time_ns, "changed_sequence": self.sequence}
        self.orders[order_id].update(changes | changed)

    def happen(self, event: Event, row: Fields) -> None:
        """Take an event that is no answer to a command."""
        match event:
            case Traded():
                self.trade(event)
            case Prevented(quantity_lots=lots):
                for order_id in (event.maker_order_id, event.taker_order_id):
                    prevented = self.orders[order_id]["prevented_lots"] + lots
                    self.touch(order_id, prevented_lots=prevented)
            case Cancelled(order_id=order_id, reason=reason, refusal=refusal):
                ended = {"state": OrderState.CANCELLED, "reason": reason, "refusal": refusal}
                self.touch(order_id, **ended)
            case Expired(order_id=order_id):
                self.touch(order_id, state=OrderState.EXPIRED)
            case Triggered(order_id=order_id):
                self.touch(order_id, state=OrderState.OPEN, working_ns=self.time_ns)
            case Entered(order_id=order_id, quantity_lots=lots):
                waits = self.orders[order_id]["row"]["order_type"] in {"stop", "stop_limit"}
                live = {"state": OrderState.WAITING if waits else OrderState.OPEN}
                working_ns = 0 if waits else self.time_ns
                self.touch(order_id, quantity_lots=lots, working_ns=working_ns, **live)
            case Replaced(order_id=order_id):
                said = {
                    "price_ticks": row.get("price_ticks", 0),
                    "quantity_lots": row["quantity_lots"],
                }
                stop = {"stop": row["stop"]} if row.get("stop") else {}
                self.touch(order_id, **said, **stop)
            case ListChanged(list_id=list_id, state=state):
                self.lists[list_id].update(state=state, changed_ns=self.time_ns)
            case _:
                pass

    def trade(self, event: Traded) -> None:
        """Take a trade."""
        maker, taker = self.orders[event.maker_order_id], self.orders[event.taker_order_id]
        trade = {
            "instrument": event.instrument,
            "trade_id": event.trade_id,
            "price_ticks": event.price_ticks,
            "quantity_lots": event.quantity_lots,
            "time_ns": self.time_ns,
            "aggressor": event.aggressor,
            "sequence": self.sequence,
        }
        self.trades.append(trade)
        fees = self.fees(event, maker["rates"][0], taker["rates"][1])
        for order, is_maker, is_filled in (
            (maker, True, event.maker_filled),
            (taker, False, event.taker_filled),
        ):
            fee_units, fee_asset = fees[is_maker]
            self.fills.append(
                {
                    **trade,
                    "order_id": order["order_id"],
                    "account": order["account"],
                    "is_maker": is_maker,
                    "fee_units": fee_units,
                    "fee_asset": fee_asset,
                    "list_id": order["list_id"],
                }
            )
            ended = {"state": OrderState.FILLED} if is_filled else {}
            self.touch(
                order["order_id"],
                filled_lots=order["filled_lots"] + event.quantity_lots,
                value=order["value"] + event.price_ticks * event.quantity_lots,
                **ended,
            )
        self.aggregate(trade, event.taker_order_id)

    def fees(self, event: Traded, maker_rate: int, taker_rate: int) -> dict[bool, tuple[int, int]]:
        """Return what maker (True) and taker pay, and in which asset."""
        row = self.instruments[event.instrument]
        tick = Fraction(row["tick_mantissa"], 10 ** row.get("tick_decimals", 0))
        lot = Fraction(row["lot_mantissa"], 10 ** row.get("lot_decimals", 0))
        base = event.quantity_lots * lot * 10 ** row.get("base_decimals", 0)
        quote = event.quantity_lots * lot * event.price_ticks * tick
        quote *= 10 ** row.get("quote_decimals", 0)
        of_base, of_quote = (base, row["base_asset"]), (quote, row["quote_asset"])
        bought = event.aggressor is Side.BUY
        (taken, taken_asset), (given, given_asset) = (
            (of_base, of_quote) if bought else (of_quote, of_base)
        )
        taker_fee = floor(taken * taker_rate / 10**6)
        if maker_rate < 0:
            rebate = min(floor(taken * -maker_rate / 10**6), taker_fee)
            maker = (-rebate, taken_asset if rebate else given_asset)
        else:
            maker = (floor(given * maker_rate / 10**6), given_asset)
        return {True: maker, False: (taker_fee, taken_asset)}

    def aggregate(self, trade: Fields, taker_order_id: int) -> None:
        """Join a trade with those before it of the same pass and price."""
        own = [each for each in self.aggregates if each["instrument"] == trade["instrument"]]
        pass_key = (self.sequence, taker_order_id, trade["price_ticks"])
        last = self.aggregates[-1] if self.aggregates else None
        if last and last["instrument"] == trade["instrument"] and last["pass"] == pass_key:
            last["quantity_lots"] += trade["quantity_lots"]
            last["last_trade_id"] = trade["trade_id"]
            return
        self.aggregates.append(
            {
                "pass": pass_key,
                "instrument": trade["instrument"],
                "aggregate_id": len(own) + 1,
                "price_ticks": trade["price_ticks"],
                "quantity_lots": trade["quantity_lots"],
                "first_trade_id": trade["trade_id"],
                "last_trade_id": trade["trade_id"],
                "time_ns": trade["time_ns"],
                "aggressor": trade["aggressor"],
            }
        )
