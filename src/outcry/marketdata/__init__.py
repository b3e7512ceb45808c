"""Market data made of trades: candles, order flow, profiles, gaps and zones.

Frames of any library that speaks the Arrow PyCapsule protocol go in, Polars frames come out.
Definitions stand in docs/formats.md and docs/marketdata.
"""

from outcry.marketdata.candles import CandleStream, candles, fill_gaps, roll_up
from outcry.marketdata.columns import Numbers, Trades, duration_ns
from outcry.marketdata.flow import (
    CvdStream,
    DeltaBarStream,
    OfiStream,
    VpinStream,
    cumulated,
    cvd,
    delta_bars,
    infer_sides,
    ofi,
    vpin,
)
from outcry.marketdata.footprint import FootprintStream, footprint
from outcry.marketdata.imbalance import ImbalanceStream, imbalance
from outcry.marketdata.profile import (
    Profile,
    ProfileStream,
    TimeProfileStream,
    market_profile,
    time_profile,
    value_area,
)
from outcry.marketdata.structure import (
    GapStream,
    SwingStream,
    ZoneStream,
    fair_value_gaps,
    swing_points,
    zones,
)
from outcry.marketdata.tape import TRADE, TRADE_SCHEMA, Tape

__all__ = [
    "TRADE",
    "TRADE_SCHEMA",
    "CandleStream",
    "CvdStream",
    "DeltaBarStream",
    "FootprintStream",
    "GapStream",
    "ImbalanceStream",
    "Numbers",
    "OfiStream",
    "Profile",
    "ProfileStream",
    "SwingStream",
    "Tape",
    "TimeProfileStream",
    "Trades",
    "VpinStream",
    "ZoneStream",
    "candles",
    "cumulated",
    "cvd",
    "delta_bars",
    "duration_ns",
    "fair_value_gaps",
    "fill_gaps",
    "footprint",
    "imbalance",
    "infer_sides",
    "market_profile",
    "ofi",
    "roll_up",
    "swing_points",
    "time_profile",
    "value_area",
    "vpin",
    "zones",
]
