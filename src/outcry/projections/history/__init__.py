"""Orders, fills, trades, candles and lists, past ones as well, in SQLite."""

from outcry.projections.history.process import command, doubt
from outcry.projections.history.reads import History
from outcry.projections.history.rows import (
    AggregateTradeRow,
    CandleRow,
    FillRow,
    ListRow,
    OrderRow,
    OrderState,
    Steps,
    TradeRow,
)

__all__ = [
    "AggregateTradeRow",
    "CandleRow",
    "FillRow",
    "History",
    "ListRow",
    "OrderRow",
    "OrderState",
    "Steps",
    "TradeRow",
    "command",
    "doubt",
]
