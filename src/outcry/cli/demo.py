"""The venue of `outcry serve --demo`: simulated traders, two accounts with money, two keys."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from time import monotonic, sleep
from typing import Final

from outcry.cli.traders import BATCH_MAX, Demo
from outcry.errors import DiskNearlyFull, ExchangeHalted
from outcry.exchange import Exchange
from outcry.gateways.keys import KeyKind, KeyStore, NewKey, Scope
from outcry.gateways.venue import Venue

ACCOUNTS: Final = (1, 2)
"""The accounts of those who try the demo."""

_LABEL: Final = "demo"
_SCOPES: Final = Scope.of("read", "trade")
_FUNDS: Final = {"USDT": "1000000", "USD": "1000000", "BTC": "10", "ETH": "200", "AAPL": "1000"}
_MAKER_PPM: Final = 1_000
_TAKER_PPM: Final = 1_000
# Another source than those of the traders' own deposits and payouts.
_SOURCE: Final = 9
_SEED: Final = 1
_BATCH: Final = 16
_BATCHES_A_SECOND: Final = 10
# Whoever asks at once finds books with two sides.
_FIRST_BATCHES: Final = 8
_HISTORY_S: Final = 10.0
_LOOK_S: Final = 0.01


class DemoVenue:
    """Makes a demo of a venue."""

    def __init__(self) -> None:
        self._keys: list[NewKey] = []

    @contextmanager
    def prepare(self, venue: Venue) -> Iterator[None]:
        """Set the venue up, and let the traders trade within the block."""
        demo = Demo(venue.opened, _SEED)
        _fund(venue.opened)
        self._keys = _demo_keys(venue.keys)
        for _ in range(_FIRST_BATCHES):
            demo.trade(BATCH_MAX)
        _await_history(venue)
        ending = Event()
        trading = Thread(target=_trade, args=(demo, ending), name="demo", daemon=True)
        trading.start()
        try:
            yield
        finally:
            ending.set()
            trading.join()

    def lines(self, address: str) -> list[str]:
        """Return what a person needs to trade on it: keys, and lines that work as they stand."""
        first, second = self._keys
        return [
            "",
            "Account 1",
            f"  key    {first.api_key}",
            f"  secret {first.secret}",
            "Account 2",
            f"  key    {second.api_key}",
            f"  secret {second.secret}",
            "",
            "curl:",
            *_curl(address, first),
            "",
            "ccxt:",
            *_ccxt(address, first),
            "",
            "python-binance:",
            *_python_binance(address, second),
            "",
            "Ctrl-C stops cleanly.",
        ]


def _trade(demo: Demo, ending: Event) -> None:
    try:
        while not ending.wait(1 / _BATCHES_A_SECOND):
            with suppress(DiskNearlyFull):
                demo.trade(_BATCH)
    except ExchangeHalted as halt:
        if halt.reason != "closed":
            sys.stderr.write(f"outcry: the traders stopped: {halt}\n")


def _await_history(venue: Venue) -> None:
    """Wait until candles and past orders can be asked for, so that what is printed works at once.

    Not for ever: `/readyz` says what is wrong where it takes longer.
    """
    wanted = venue.readiness.delivered_sequence()
    until_s = monotonic() + _HISTORY_S
    while venue.history.applied_sequence < wanted and monotonic() < until_s:
        sleep(_LOOK_S)  # tidy-ok: another process writes what is polled, with a bound


def _fund(exchange: Exchange) -> None:
    """Give the accounts of a new venue money; those of an old one keep what they have."""
    for account in ACCOUNTS:
        if exchange.account(account) is not None:
            continue
        exchange.set_account(account, maker_rate_ppm=_MAKER_PPM, taker_rate_ppm=_TAKER_PPM)
        for place, (asset, amount) in enumerate(_FUNDS.items(), 1):
            number = account * len(_FUNDS) + place
            exchange.deposit(account, asset, amount, source=(_SOURCE, number))


def _demo_keys(keys: KeyStore) -> list[NewKey]:
    """Return a key for each account: that of the start before, and a new one where it is gone."""
    return [_kept_key(keys, account) or _new_key(keys, account) for account in ACCOUNTS]


def _new_key(keys: KeyStore, account: int) -> NewKey:
    return keys.create(account, _SCOPES, label=_LABEL)


def _kept_key(keys: KeyStore, account: int) -> NewKey | None:
    """Return the key that an earlier start made for an account, None without one."""
    for key in keys.list():
        made_so = (key.account, key.kind, key.scopes, key.networks.texts)
        if key.label == _LABEL and made_so == (account, KeyKind.HMAC, _SCOPES, ()):
            return NewKey(key.api_key, keys.reveal(key.api_key))
    return None


def _curl(address: str, key: NewKey) -> list[str]:
    return [
        f"curl '{address}/api/v3/depth?symbol=BTCUSDT&limit=5'",
        ('q="symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=100&timestamp=$(date +%s)000"; \\'),
        (
            f'curl -X POST -H "X-MBX-APIKEY: {key.api_key}" "{address}/api/v3/order?$q'
            f"&signature=$(printf %s \"$q\" | openssl dgst -sha256 -hmac '{key.secret}'"
            " | sed 's/.* //')\""
        ),
    ]


def _ccxt(address: str, key: NewKey) -> list[str]:
    return [
        "import ccxt",
        "exchange = ccxt.binance({",
        f"    'apiKey': '{key.api_key}',",
        f"    'secret': '{key.secret}',",
        f"    'urls': {{'api': {{'public': '{address}/api/v3', 'private': '{address}/api/v3',",
        f"        'v1': '{address}/api/v1', 'sapi': '{address}/sapi/v1'}}}},",
        "    'options': {'fetchMarkets': {'types': ['spot']}, 'fetchCurrencies': False,",
        "        'fetchMargins': False},",
        "})",
        "print(exchange.create_order('BTC/USDT', 'limit', 'buy', 0.001, 60000)['status'])",
    ]


def _python_binance(address: str, key: NewKey) -> list[str]:
    return [
        "from binance.client import BaseClient, Client",
        f"BaseClient.API_URL = '{address}/api'",
        f"client = Client('{key.api_key}',",
        f"    '{key.secret}')",
        "print(client.order_market_buy(symbol='BTCUSDT', quoteOrderQty=100)['status'])",
    ]
