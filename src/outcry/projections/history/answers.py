"""From what the database answers to rows."""

from collections.abc import Sequence
from typing import Any, Final

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
from outcry.projections.history.schema import unsigned
from outcry.protocol import (
    CancelReason,
    ListState,
    ListType,
    OrderType,
    RejectReason,
    SelfTrade,
    Side,
    StopUnit,
    TimeInForce,
    Trigger,
)

Found = Sequence[Sequence[Any]]
"""Rows of columns, as JSON has them."""

_SIDES: Final = {int(side): side for side in Side}
_OTHER: Final = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}
_TYPES: Final = {int(each): each for each in OrderType}
_TIMES: Final = {int(each): each for each in TimeInForce}
_MODES: Final = {int(each): each for each in SelfTrade}
_STATES: Final = {int(each): each for each in OrderState}
_UNITS: Final = {int(each): each for each in StopUnit}
_TRIGGERS: Final = {0: None, **{int(each): each for each in Trigger}}
_REASONS: Final = {0: None, **{int(each): each for each in CancelReason}}
_REFUSALS: Final = {int(each): each for each in RejectReason}


class Answers:
    """Puts rows together; a row of steps that are not known raises `LookupError`."""

    def __init__(self, steps: Found) -> None:
        """Know these steps."""
        self._steps: Final = {row[0]: _steps(row) for row in steps}

    def orders(self, found: Found) -> list[OrderRow]:
        """Return orders."""
        return [self._order(row) for row in found]

    def fills(self, found: Found) -> list[FillRow]:
        """Return sides of trades."""
        return [self._fill(row) for row in found]

    def trades(self, found: Found) -> list[TradeRow]:
        """Return trades."""
        return [
            TradeRow(
                steps=self._steps[steps],
                trade_id=trade_id,
                price_ticks=price,
                quantity_lots=unsigned(lots),
                time_ns=time_ns,
                aggressor=_SIDES[side],
                sequence=sequence,
            )
            for trade_id, steps, price, lots, time_ns, side, sequence in found
        ]

    def aggregates(self, found: Found) -> list[AggregateTradeRow]:
        """Return aggregates."""
        return [
            AggregateTradeRow(
                steps=self._steps[steps],
                aggregate_id=aggregate_id,
                price_ticks=price,
                quantity_lots=int(lots),
                first_trade_id=first,
                last_trade_id=last,
                time_ns=time_ns,
                aggressor=_SIDES[side],
            )
            for aggregate_id, steps, price, lots, first, last, time_ns, side in found
        ]

    def candles(self, found: Found) -> list[CandleRow]:
        """Return candles."""
        return [self._candle(row) for row in found]

    def lists(self, found: Found) -> list[ListRow]:
        """Return lists."""
        return [
            ListRow(
                list_id=list_id,
                instrument=instrument,
                account=account,
                list_type=ListType(list_type),
                state=ListState(state),
                entered_ns=entered_ns,
                changed_ns=changed_ns,
                order_ids=tuple(order_id for order_id in order_ids if order_id),
                client_list_id=name,
            )
            for (
                list_id,
                instrument,
                account,
                list_type,
                state,
                entered_ns,
                changed_ns,
                *order_ids,
                name,
            ) in found
        ]

    def _order(self, row: Sequence[Any]) -> OrderRow:
        return OrderRow(
            row[0],
            self._steps[row[1]],
            row[3],
            _SIDES[row[4]],
            _TYPES[row[5]],
            _TIMES[row[6]],
            _MODES[row[7]],
            bool(row[8]),
            _STATES[row[9]],
            _REASONS.get(row[10], CancelReason.REFUSED),
            _REFUSALS.get(row[10]),
            row[11],
            unsigned(row[12]),
            int(row[13]),
            unsigned(row[14]),
            unsigned(row[15]),
            int(row[16]),
            row[17],
            _UNITS[row[18]],
            _TRIGGERS[row[19]],
            unsigned(row[20]),
            row[21],
            row[22],
            row[23],
            unsigned(row[24]),
            *row[25:],
        )

    def _fill(self, row: Sequence[Any]) -> FillRow:
        steps, trade_id, order_id, account, aggressor, is_maker, price, lots, *rest = row
        time_ns, sequence, fee, list_id = rest
        own, taker = self._steps[steps], _SIDES[aggressor]
        side = _OTHER[taker] if is_maker else taker
        fee_units = int(fee)
        # Both are charged in what they receive; a rebate is paid out of what the taker receives.
        receives = side if fee_units >= 0 else taker
        return FillRow(
            steps=own,
            trade_id=trade_id,
            order_id=order_id,
            account=account,
            side=side,
            is_maker=bool(is_maker),
            price_ticks=price,
            quantity_lots=unsigned(lots),
            time_ns=time_ns,
            sequence=sequence,
            fee_units=fee_units,
            fee_asset=own.base_asset if receives is Side.BUY else own.quote_asset,
            list_id=list_id,
        )

    def _candle(self, row: Sequence[Any]) -> CandleRow:
        open_time_ns, steps, first, high, low, last, volume, value, bought, spent, *rest = row
        return CandleRow(
            self._steps[steps],
            open_time_ns,
            first,
            high,
            low,
            last,
            int(volume),
            int(value),
            int(bought),
            int(spent),
            *rest,
        )


def _steps(row: Sequence[Any]) -> Steps:
    values = list(row)
    values[5], values[7] = unsigned(values[5]), unsigned(values[7])
    return Steps(*values)
