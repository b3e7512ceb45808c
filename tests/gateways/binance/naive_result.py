"""The result of a new order, told naively: in Decimals, field by field as the API describes it."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Context, Decimal

from outcry.exchange import Instrument, OrderStatus, Placement
from outcry.gateways.binance.new_order import FillResult, OrderResult
from outcry.gateways.binance.words import SIDES, status_word
from outcry.gateways.figures import Figures
from outcry.protocol import CancelReason, Side

EXACT = Context(prec=120)


def naive_result(
    instrument: Instrument,
    said: Mapping[str, str],
    name: str,
    placement: Placement,
    *,
    list_id: int,
    rate_ppm: int,
    unit_ns: int,
) -> OrderResult:
    """Return what is told of an order that said so much and had this outcome."""
    time = placement.time_ns // unit_ns
    told = OrderResult(instrument.symbol, placement.order_id, list_id, name, time)
    usual = "FULL" if said["type"] in ("LIMIT", "MARKET") else "ACK"
    detail = said.get("newOrderRespType", usual)
    if detail != "ACK":
        _tell_stand(told, instrument, said, placement, time)
    if detail == "FULL":
        told.fills = [
            FillResult(
                Figures(instrument).price(fill.price),
                Figures(instrument).quantity(fill.quantity),
                *_fee(instrument, SIDES[said["side"]], fill.price, fill.quantity, rate_ppm),
                fill.trade_id,
            )
            for fill in placement.fills
        ]
    return told


def _tell_stand(
    told: OrderResult,
    instrument: Instrument,
    said: Mapping[str, str],
    placement: Placement,
    time: int,
) -> None:
    figures = Figures(instrument)
    executed = sum((fill.quantity for fill in placement.fills), Decimal(0))
    cost = sum((EXACT.multiply(fill.price, fill.quantity) for fill in placement.fills), Decimal(0))
    quantity = Decimal(said["quantity"]) if "quantity" in said else executed
    told.price = figures.price(Decimal(said["price"])) if "price" in said else figures.zero
    told.orig_qty = figures.quantity(quantity)
    told.executed_qty = figures.quantity(executed)
    amount = said.get("quoteOrderQty")
    told.orig_quote_order_qty = figures.zero if amount is None else figures.amount(Decimal(amount))
    told.cummulative_quote_qty = figures.amount(cost)
    told.status = status_word(
        placement.status, placement.cancel_reason, has_traded=bool(placement.fills)
    )
    told.time_in_force = said.get("timeInForce", "GTC")
    told.type = said["type"]
    told.side = said["side"]
    if "stopPrice" in said:
        told.stop_price = figures.price(Decimal(said["stopPrice"]))
    if "trailingDelta" in said:
        told.trailing_delta = int(said["trailingDelta"])
        told.trailing_time = -1 if placement.status is OrderStatus.PENDING else time
    if "icebergQty" in said:
        told.iceberg_qty = figures.quantity(Decimal(said["icebergQty"]))
    if "strategyId" in said:
        told.strategy_id = int(said["strategyId"])
    if "strategyType" in said:
        told.strategy_type = int(said["strategyType"])
    is_idle = placement.status in (OrderStatus.WAITING, OrderStatus.PENDING)
    told.working_time = -1 if is_idle else time
    told.self_trade_prevention_mode = said.get("selfTradePreventionMode", "EXPIRE_MAKER")
    if amount is None and placement.cancel_reason in (None, CancelReason.SELF_TRADE):
        prevented = quantity - executed - placement.open_quantity
        if prevented:
            told.prevented_quantity = figures.quantity(prevented)


def _fee(
    instrument: Instrument, side: Side, price: Decimal, quantity: Decimal, rate_ppm: int
) -> tuple[str, str]:
    """Return what a taker pays: a part of what it receives, rounded down to a smallest unit."""
    is_buyer = side is Side.BUY
    asset = instrument.base if is_buyer else instrument.quote
    decimals = instrument.base_decimals if is_buyer else instrument.quote_decimals
    received = quantity if is_buyer else EXACT.multiply(price, quantity)
    if rate_ppm <= 0:
        return Figures(instrument).zero, asset
    fee = EXACT.multiply(received, Decimal(rate_ppm).scaleb(-6, EXACT))
    unit = Decimal(1).scaleb(-decimals)
    text = format(fee.quantize(unit, ROUND_DOWN, EXACT), f".{max(8, decimals)}f")
    return text, asset
