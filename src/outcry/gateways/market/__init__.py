"""Tape, candles and tickers of this process."""

from outcry.gateways.market.board import Board, LastTrade
from outcry.gateways.market.buckets import LENGTHS_MS, end_ms, open_ms
from outcry.gateways.market.candle import Candle, rolled_up
from outcry.gateways.market.chart import CANDLES_MAX, Chart, kline
from outcry.gateways.market.markets import INTERVALS, Markets

__all__ = [
    "CANDLES_MAX",
    "INTERVALS",
    "LENGTHS_MS",
    "Board",
    "Candle",
    "Chart",
    "LastTrade",
    "Markets",
    "end_ms",
    "kline",
    "open_ms",
    "rolled_up",
]
