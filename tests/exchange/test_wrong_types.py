"""Goal: a value of a wrong type is refused by its field's name, wherever it is given.

Method: every public call of the engine and of both forms of the exchange, each argument in turn
given what it does not take, the others sound. The calls are found by inspection, so that a new one
is tried as well.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from outcry import AsyncExchange, Engine, Exchange, InvalidValue, Leg, OutcryError
from outcry.exchange.order_calls import OrderCalls

WRONG: Final[tuple[Any, ...]] = (None, True, -1, "x", 1.5, object(), 1 << 130, [], {}, b"x")
# Whatever Python takes for true.
TRUTHS: Final = {"post_only", "decimals"}
PAIR: Final[dict[str, Any]] = {"base": "BTC", "quote": "USD", "tick": "1", "lot": "0.01"}
SOUND: Final = {
    **PAIR,
    "account": 1,
    "amount": "1",
    "asset": "USD",
    "client_order_id": "mine",
    "decimals": 4,
    "instrument": "BTCUSD",
    "legs": (
        Leg(side="sell", quantity="1", price="110"),
        Leg(side="sell", quantity="1", type="stop", stop="90", trigger="fall"),
    ),
    "list_id": 1,
    "name": "ETH",
    "order": Leg(side="sell", quantity="1", price="110"),
    "order_id": 1,
    "payee": 2,
    "payer": 1,
    "posted": True,
    "price": "100",
    "quantity": "1",
    "records": b"",
    "side": "buy",
    "source": (7, 1),
    "state": "halted",
    "time_ns": 0,
    "type": "oco",
    "withdrawal": 1,
}
LEAN: Final[dict[str, tuple[Any, ...]]] = {
    "limit_ticks": (1, 1, 1, 100, 100, 1, 1, 0, 0),
    "cancel_order": (1, 1, 1, 0),
    "replace_ticks": (1, 1, 1, 100, 100, 0),
}
SYMBOLS: Final = count()
# Those that begin and end it, and those that have a test of their own.
APART: Final = {"ask", "open", "close", *LEAN}


def calls_of(kind: type) -> list[str]:
    named = inspect.getmembers_static(kind, lambda member: not isinstance(member, property))
    return [
        name
        for name, member in named
        if not name.startswith("_") and name not in APART and not inspect.isdatadescriptor(member)
    ]


def arguments_of(kind: type, name: str) -> dict[str, inspect.Parameter]:
    told = getattr(OrderCalls if hasattr(OrderCalls, name) else kind, name)
    parameters = list(inspect.signature(told).parameters.values())[1:]
    if name in {"place", "replace", "cancel"}:
        time_ns = inspect.Parameter("time_ns", inspect.Parameter.KEYWORD_ONLY, default=0)
        parameters.append(time_ns)
    return {each.name: each for each in parameters}


def attempts(
    kind: type, name: str, wrong: object
) -> Iterator[tuple[str, list[object], dict[str, object]]]:
    """Yield for each argument of a call what to give by position and by name."""
    arguments = arguments_of(kind, name)
    for field in arguments:
        placed: list[object] = []
        named: dict[str, object] = {}
        for other, parameter in arguments.items():
            if other != field and parameter.default is not inspect.Parameter.empty:
                continue
            value = wrong if other == field else sound(name, other)
            is_next = len(placed) == list(arguments).index(other)
            if is_next and parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
                placed.append(value)
            else:
                named[other] = value
        yield field, placed, named


def sound(name: str, field: str) -> object:
    if field == "symbol":
        return "BTCUSD" if name == "instrument" else f"NEW{next(SYMBOLS)}"
    return SOUND[field]


def fill(exchange: Engine | Exchange) -> None:
    exchange.add_asset("BTC", 8)
    exchange.add_asset("USD", 2)
    exchange.set_account(1)
    exchange.deposit(1, "USD", "1000000", source=(9, 1))
    exchange.add_instrument("BTCUSD", **PAIR)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    with Exchange.open(tmp_path_factory.mktemp("data")) as opened:
        fill(opened)
        yield opened


def check(told: str, field: str, wrong: object, act: Callable[[], object]) -> None:
    """Do what is to be refused by an error of the package; an object of no kind never passes."""
    try:
        act()
    except OutcryError as error:
        # A name that nobody has, and what only the core can judge, have other errors.
        is_named = not isinstance(error, InvalidValue) or (error.field and error.bound)
        if not is_named:
            pytest.fail(f"{told}: {error!r} names nothing")
    else:
        assert type(wrong) is not object or field in TRUTHS, f"{told} takes anything"


def try_all(
    owner: object, name: str, settled: Callable[[object], object] = lambda answer: answer
) -> None:
    call = getattr(owner, name)
    for wrong in WRONG:
        for field, placed, named in attempts(type(owner), name, wrong):
            act = partial(_settle, settled, partial(call, *placed, **named))
            check(f"{name}({field}={wrong!r})", field, wrong, act)


def _settle(settled: Callable[[object], object], call: Callable[[], object]) -> object:
    return settled(call())


@pytest.mark.parametrize("name", calls_of(Engine))
@pytest.mark.parametrize("money", [True, False])
def test_an_engine_names_what_is_wrong(name: str, *, money: bool) -> None:
    engine = Engine(money=money)
    if money:
        fill(engine)
    else:
        engine.add_instrument("BTCUSD", **PAIR)
    try_all(engine, name)


@pytest.mark.parametrize("name", LEAN)
def test_the_lean_calls_name_what_is_wrong(name: str) -> None:
    engine = Engine(money=True)
    fill(engine)
    for wrong in WRONG:
        for place in range(len(LEAN[name])):
            given = list(LEAN[name])
            given[place] = wrong
            check(f"{name}{given}", str(place), wrong, partial(getattr(engine, name), *given))


@pytest.mark.parametrize("name", list(inspect.signature(Engine).parameters))
def test_an_engine_is_not_made_of_what_is_wrong(name: str) -> None:
    for wrong in WRONG:
        given = {name: wrong}
        check(f"Engine({given})", name, wrong, partial(Engine, **given))


@pytest.mark.parametrize("name", calls_of(Exchange))
def test_an_exchange_names_what_is_wrong(name: str, exchange: Exchange) -> None:
    try_all(exchange, name)


def test_an_exchange_is_not_opened_by_what_is_wrong(tmp_path: Path) -> None:
    for wrong in (None, True, 1.5, object(), b"x", [], {}):
        with pytest.raises(InvalidValue, match=r"^path: .* must be a str or a Path"):
            Exchange.open(wrong)  # type: ignore[arg-type]
    for wrong in (True, -1, "x", object(), {}):
        with pytest.raises(InvalidValue, match=r"^settings: .* must be Settings"):
            Exchange.open(tmp_path / "data", wrong)  # type: ignore[arg-type]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", calls_of(AsyncExchange))
def test_an_awaited_exchange_names_what_is_wrong(name: str, exchange: Exchange) -> None:
    async def serve() -> AsyncExchange:
        return AsyncExchange(exchange)

    async def awaited(answer: object) -> object:
        return await answer if inspect.isawaitable(answer) else answer

    with asyncio.Runner() as runner:
        served = runner.run(serve())
        try_all(served, name, lambda answer: runner.run(awaited(answer)))
        runner.run(served.close())
