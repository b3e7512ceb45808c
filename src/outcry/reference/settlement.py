"""The settlement of a trade: who pays whom, and what the venue takes of it."""

from outcry.reference.codes import FEE_ACCOUNT
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, Trade
from outcry.reference.order import PPM, Order


def settle(machine: Machine, instrument: Instrument, deal: Trade) -> None:
    """Let the buyer pay the value and the seller the lots, then both the fee of what they got.

    A maker's rebate is paid out of the taker's fee, in the asset that the taker received.
    """
    maker, taker = deal.maker, deal.taker
    buyer, seller = (taker, maker) if taker.is_buy else (maker, taker)
    value = deal.quantity_lots * deal.price_ticks * instrument.value_unit
    base = deal.quantity_lots * instrument.lot_unit
    move = machine.accounts.move
    move(instrument.terms.quote_asset, buyer.account, seller.account, value)
    move(instrument.terms.base_asset, seller.account, buyer.account, base)

    base_side = (instrument.terms.base_asset, base)
    quote_side = (instrument.terms.quote_asset, value)
    taker_asset, taker_gets = base_side if taker.is_buy else quote_side
    maker_asset, maker_gets = quote_side if taker.is_buy else base_side
    taker_fee = share(taker.taker_rate_ppm, taker_gets)
    move(taker_asset, taker.account, FEE_ACCOUNT, taker_fee)
    move(maker_asset, maker.account, FEE_ACCOUNT, share(max(0, maker.maker_rate_ppm), maker_gets))
    move(taker_asset, FEE_ACCOUNT, maker.account, rebate(maker, taker_gets, taker_fee))


def rebate(maker: Order, taker_gets: int, taker_fee: int) -> int:
    """Return what a maker gets of the taker's fee: its negative rate of what the taker receives."""
    return min(share(max(0, -maker.maker_rate_ppm), taker_gets), taker_fee)


def share(rate_ppm: int, amount: int) -> int:
    """Return so many parts per million of an amount, rounded down."""
    return rate_ppm * amount // PPM
