"""Check 1: the shape of a record, field by field; of the machine it asks nothing but the time."""

from outcry.reference.codes import (
    POST_ONLY,
    VERSION,
    AccountState,
    Kind,
    ListType,
    OrderType,
    Reason,
    SelfTrade,
    Side,
    StopUnit,
    TimeInForce,
    Trigger,
)
from outcry.reference.records import (
    NO_REQUEST,
    NO_TEXT,
    AccountCommand,
    AdminCommand,
    AssetCommand,
    Command,
    FundsCommand,
    InstrumentCommand,
    Limits,
    ListCommand,
    MassCancelCommand,
    OrderCommand,
    SettleCommand,
)

MONEY_MAX = 1 << 100
PRICE_MAX_TICKS = 1 << 62
PPM = 1_000_000
_INCREMENT_DECIMALS_MAX = 18
_ASSET_DECIMALS_MAX = 24
_TEXT_FIRST, _TEXT_LAST = ord("!"), ord("~")

Finding = Reason | None


def check(command: Command, time_ns: int, money: bool) -> Finding:
    """Return the reason of the first field that is wrong, or None.

    What the machine does not do at all is refused here too, behind the fields: one without money
    knows no assets, funds, rates and states of accounts.
    """
    return check_fields(command, time_ns) or check_supported(command, money)


def check_supported(command: Command, money: bool) -> Finding:
    """Check that the machine does what the command asks for."""
    supported = money
    match command:
        case AccountCommand():
            no_rates = command.maker_rate_ppm == command.taker_rate_ppm == 0
            supported = money or (no_rates and command.state == AccountState.ACTIVE)
        case OrderCommand() | ListCommand() | MassCancelCommand():
            supported = True
        case AdminCommand() | InstrumentCommand():
            supported = True
    return None if supported else Reason.NOT_SUPPORTED


def check_fields(command: Command, time_ns: int) -> Finding:
    """Check the fields of a command one by one."""
    finding: Finding
    match command:
        case OrderCommand():
            finding = check_order_command(command) or _check_expiry(command, time_ns)
        case MassCancelCommand():
            finding = check_mass_cancel(command)
        case AdminCommand():
            finding = check_admin(command)
        case InstrumentCommand():
            finding = check_instrument(command)
            finding = finding or check_limits(command.limits, command.instrument)
        case AccountCommand():
            finding = check_account(command)
        case ListCommand():
            finding = check_list(command, time_ns)
        case AssetCommand():
            finding = check_asset(command)
        case FundsCommand():
            finding = check_funds(command)
        case SettleCommand():
            finding = check_settle(command)
    return finding


def check_order_command(command: OrderCommand) -> Finding:
    """Check a new order, a cancel or a replace."""
    match command.kind:
        case Kind.NEW:
            return check_new_plain(command)
        case Kind.NEW_EXTENDED:
            return check_new_extended(command)
        case Kind.NEW_AMOUNT:
            return check_new_amount(command)
        case Kind.CANCEL | Kind.CANCEL_EXTENDED:
            return check_cancel(command)
        case _:
            return check_replace(command)


def first_failure(*conditions: tuple[bool, Reason]) -> Finding:
    """Return the reason of the first condition that does not hold."""
    for holds, reason in conditions:
        if not holds:
            return reason
    return None


def _is_member(value: int, names: type[Side | OrderType | TimeInForce | SelfTrade]) -> bool:
    return value in names._value2member_map_


def _is_immediate(order: OrderCommand) -> bool:
    return order.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)


def _is_text(text: bytes) -> bool:
    """Printable ASCII without blanks, then zeros; no text at all is text."""
    shown = text.rstrip(b"\0")
    return all(_TEXT_FIRST <= byte <= _TEXT_LAST for byte in shown)


def _is_zero(reserved: bytes) -> bool:
    return not any(reserved)


def _has_source(command: FundsCommand | SettleCommand) -> bool:
    """Whether it names a source and a number of it, both above zero."""
    return any(command.request_id[:8]) and any(command.request_id[8:])


def _check_expiry(command: OrderCommand, time_ns: int) -> Finding:
    is_gtd = command.time_in_force == TimeInForce.GTD
    if is_gtd and command.expire_time_ns <= time_ns:
        return Reason.INVALID_EXPIRY
    return None


def _check_new_head(order: OrderCommand) -> Finding:
    return first_failure(
        (order.version == VERSION, Reason.UNSUPPORTED_VERSION),
        (order.flags & ~POST_ONLY == 0, Reason.INVALID_FLAGS),
        (order.instrument != 0, Reason.INVALID_INSTRUMENT),
        (order.account != 0, Reason.INVALID_ACCOUNT),
        (_is_member(order.side, Side), Reason.INVALID_SIDE),
        (_is_member(order.order_type, OrderType), Reason.INVALID_ORDER_TYPE),
        (_is_member(order.time_in_force, TimeInForce), Reason.INVALID_TIME_IN_FORCE),
        (_is_member(order.self_trade, SelfTrade), Reason.INVALID_SELF_TRADE),
        (order.order_id == 0, Reason.INVALID_ORDER_ID),
    ) or _check_price_of_type(order)


def _check_price_of_type(order: OrderCommand) -> Finding:
    post_only = order.flags & POST_ONLY != 0
    match order.order_type:
        case OrderType.MARKET:
            return first_failure(
                (_is_immediate(order), Reason.INVALID_TIME_IN_FORCE),
                (order.price_ticks >= 0, Reason.INVALID_PRICE),
                (not post_only, Reason.INVALID_FLAGS),
            )
        case OrderType.STOP:
            return first_failure(
                (order.price_ticks == 0, Reason.INVALID_PRICE),
                (not post_only, Reason.INVALID_FLAGS),
            )
        case _:
            return first_failure(
                (order.price_ticks > 0, Reason.INVALID_PRICE),
                (not post_only or not _is_immediate(order), Reason.INVALID_FLAGS),
            )


def check_new_plain(order: OrderCommand) -> Finding:
    """Check a new limit or market order."""
    return _check_new_head(order) or first_failure(
        (order.quantity_lots > 0, Reason.INVALID_QUANTITY),
        (
            order.order_type in (OrderType.LIMIT, OrderType.MARKET),
            Reason.INVALID_ORDER_TYPE,
        ),
        (order.time_in_force != TimeInForce.GTD, Reason.INVALID_TIME_IN_FORCE),
    )


def check_new_extended(order: OrderCommand) -> Finding:
    """Check a new order of any type."""
    is_gtd = order.time_in_force == TimeInForce.GTD
    return (
        _check_new_head(order)
        or first_failure((order.quantity_lots > 0, Reason.INVALID_QUANTITY))
        or _check_stop(order)
        or _check_display(order)
        or first_failure(
            (is_gtd == (order.expire_time_ns != 0), Reason.INVALID_EXPIRY),
            (_is_text(order.client_order_id), Reason.INVALID_CLIENT_ORDER_ID),
            (_is_zero(order.reserved), Reason.INVALID_RESERVED),
        )
    )


def _check_stop(order: OrderCommand) -> Finding:
    if order.stop_unit not in (StopUnit.PRICE, StopUnit.TRAIL_TICKS, StopUnit.TRAIL_PPM):
        return Reason.INVALID_STOP_UNIT
    if order.order_type not in (OrderType.STOP, OrderType.STOP_LIMIT):
        return first_failure(
            (order.stop == 0, Reason.INVALID_STOP),
            (order.trigger == 0, Reason.INVALID_TRIGGER),
            (order.stop_unit == StopUnit.PRICE, Reason.INVALID_STOP_UNIT),
        )
    return first_failure(
        (order.trigger in (Trigger.RISE, Trigger.FALL), Reason.INVALID_TRIGGER),
        (order.stop > 0, Reason.INVALID_STOP),
        (order.stop_unit != StopUnit.TRAIL_PPM or order.stop < PPM, Reason.INVALID_STOP),
    )


def _check_display(order: OrderCommand) -> Finding:
    if order.display_lots == 0:
        return None
    has_limit = order.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    within = order.display_lots <= order.quantity_lots
    fits = has_limit and not _is_immediate(order) and within
    return None if fits else Reason.INVALID_DISPLAY


def check_new_amount(order: OrderCommand) -> Finding:
    """Check a market order by amount."""
    return _check_new_head(order) or first_failure(
        (order.quantity_lots == 0, Reason.INVALID_QUANTITY),
        (order.order_type == OrderType.MARKET, Reason.INVALID_ORDER_TYPE),
        (order.time_in_force == TimeInForce.IOC, Reason.INVALID_TIME_IN_FORCE),
        (1 <= order.amount <= MONEY_MAX, Reason.INVALID_AMOUNT),
        (_is_text(order.client_order_id), Reason.INVALID_CLIENT_ORDER_ID),
        (_is_zero(order.reserved), Reason.INVALID_RESERVED),
    )


def _check_naming_head(order: OrderCommand) -> Finding:
    named_by_client_id = order.client_order_id != NO_TEXT
    return first_failure(
        ((order.order_id != 0) != named_by_client_id, Reason.INVALID_ORDER_ID),
        (order.version == VERSION, Reason.UNSUPPORTED_VERSION),
        (order.flags == 0, Reason.INVALID_FLAGS),
        (order.account != 0, Reason.INVALID_ACCOUNT),
        (order.side == 0, Reason.INVALID_SIDE),
        (order.order_type == 0, Reason.INVALID_ORDER_TYPE),
        (order.time_in_force == 0, Reason.INVALID_TIME_IN_FORCE),
        (order.self_trade == 0, Reason.INVALID_SELF_TRADE),
    )


def _check_unused(order: OrderCommand) -> Finding:
    return first_failure(
        (order.display_lots == 0, Reason.INVALID_DISPLAY),
        (order.expire_time_ns == 0, Reason.INVALID_EXPIRY),
        (order.trigger == 0, Reason.INVALID_TRIGGER),
        (order.stop_unit == 0, Reason.INVALID_STOP_UNIT),
        (_is_text(order.client_order_id), Reason.INVALID_CLIENT_ORDER_ID),
        (_is_zero(order.reserved), Reason.INVALID_RESERVED),
    )


def check_cancel(order: OrderCommand) -> Finding:
    """Check a cancel, by order id or by client order id."""
    return (
        _check_naming_head(order)
        or first_failure(
            (order.price_ticks == 0, Reason.INVALID_PRICE),
            (order.quantity_lots == 0, Reason.INVALID_QUANTITY),
            (order.stop == 0, Reason.INVALID_STOP),
        )
        or _check_unused(order)
    )


def check_replace(order: OrderCommand) -> Finding:
    """Check a replace, by order id or by client order id."""
    return (
        _check_naming_head(order)
        or first_failure(
            (order.price_ticks >= 0, Reason.INVALID_PRICE),
            (order.quantity_lots > 0, Reason.INVALID_QUANTITY),
            (order.stop >= 0, Reason.INVALID_STOP),
        )
        or _check_unused(order)
    )


def check_mass_cancel(command: MassCancelCommand) -> Finding:
    """Check a mass cancel; zero names all."""
    return first_failure(
        (command.version == VERSION, Reason.UNSUPPORTED_VERSION),
        (command.flags == 0, Reason.INVALID_FLAGS),
        (command.side in (0, Side.BUY, Side.SELL), Reason.INVALID_SIDE),
        (_is_zero(command.reserved), Reason.INVALID_RESERVED),
    )


def check_admin(command: AdminCommand) -> Finding:
    """Check a steering command."""
    kind = command.kind
    is_list = kind == Kind.CANCEL_LIST
    wants_instrument = kind in (Kind.SET_STATE, Kind.SET_REFERENCE, Kind.END_SESSION)
    is_state = command.state in (1, 2, 3, 4)
    priced = kind == Kind.SET_REFERENCE and command.price_ticks >= 0
    return first_failure(
        (command.version == VERSION, Reason.UNSUPPORTED_VERSION),
        (command.flags == 0, Reason.INVALID_FLAGS),
        (
            is_list or wants_instrument == (command.instrument != 0),
            Reason.INVALID_INSTRUMENT,
        ),
        (is_list == (command.list_id != 0), Reason.INVALID_ORDER_ID),
        (not is_list or command.account != 0, Reason.INVALID_ACCOUNT),
        (is_state if kind == Kind.SET_STATE else command.state == 0, Reason.INVALID_STATE),
        (priced or command.price_ticks == 0, Reason.INVALID_PRICE),
        (_is_zero(command.reserved + command.reserved_tail), Reason.INVALID_RESERVED),
    )


def check_instrument(command: InstrumentCommand) -> Finding:
    """Check the first record of an instrument."""
    base, quote = command.base_asset, command.quote_asset
    distinct = base != 0 and quote not in (0, base)
    increments = max(command.tick_decimals, command.lot_decimals)
    decimals = max(command.base_decimals, command.quote_decimals)
    prices = 1 <= command.price_min_ticks <= command.price_max_ticks <= PRICE_MAX_TICKS
    quantities = 1 <= command.quantity_min_lots <= command.quantity_max_lots
    return first_failure(
        (command.version == VERSION, Reason.UNSUPPORTED_VERSION),
        (command.flags == 0, Reason.INVALID_FLAGS),
        (command.instrument != 0 and distinct, Reason.INVALID_INSTRUMENT),
        (any(command.symbol) and _is_text(command.symbol), Reason.INVALID_SYMBOL),
        (command.tick_mantissa > 0 and command.lot_mantissa > 0, Reason.INVALID_INCREMENT),
        (increments <= _INCREMENT_DECIMALS_MAX, Reason.INVALID_INCREMENT),
        (decimals <= _ASSET_DECIMALS_MAX, Reason.INVALID_INCREMENT),
        (prices and quantities, Reason.INVALID_FILTER),
        (_is_zero(command.reserved), Reason.INVALID_RESERVED),
    )


def check_limits(limits: Limits, instrument: int) -> Finding:
    """Check the second record of an instrument against the first."""
    bands = max(limits.band_ppm, limits.market_band_ppm) <= PPM
    notional = limits.notional_max == 0 or limits.notional_min <= limits.notional_max
    return first_failure(
        (limits.version == VERSION, Reason.UNSUPPORTED_VERSION),
        (limits.flags == 0, Reason.INVALID_FLAGS),
        (limits.instrument == instrument, Reason.INVALID_INSTRUMENT),
        (bands and notional, Reason.INVALID_FILTER),
    )


def check_account(command: AccountCommand) -> Finding:
    """Check the state, rates and group of an account."""
    maker = -PPM <= command.maker_rate_ppm <= PPM
    taker = 0 <= command.taker_rate_ppm <= PPM
    return first_failure(
        (command.version == VERSION, Reason.UNSUPPORTED_VERSION),
        (command.flags == 0, Reason.INVALID_FLAGS),
        (command.no_instrument == 0, Reason.INVALID_INSTRUMENT),
        (command.account != 0, Reason.INVALID_ACCOUNT),
        (maker and taker, Reason.INVALID_AMOUNT),
        (command.state in (1, 2, 3), Reason.INVALID_STATE),
        (_is_zero(command.reserved), Reason.INVALID_RESERVED),
    )


def check_list(command: ListCommand, time_ns: int) -> Finding:
    """Check an order list, then each leg, whether they make a list of its type, their expiries."""
    wanted = {ListType.OCO: 2, ListType.OTO: 2, ListType.OTOCO: 3}
    finding = first_failure(
        (command.version == VERSION, Reason.UNSUPPORTED_VERSION),
        (command.flags == 0, Reason.INVALID_FLAGS),
        (command.instrument != 0, Reason.INVALID_INSTRUMENT),
        (command.account != 0, Reason.INVALID_ACCOUNT),
        (
            any(command.list_type == key and command.leg_count == wanted[key] for key in wanted),
            Reason.INVALID_LIST,
        ),
        (_is_text(command.client_list_id), Reason.INVALID_CLIENT_ORDER_ID),
        (_is_zero(command.reserved + command.reserved_tail), Reason.INVALID_RESERVED),
    )
    for leg in command.legs:
        finding = finding or _check_leg(leg, command)
    finding = finding or first_failure((_make_a_list(command), Reason.INVALID_LIST))
    for leg in command.legs:
        finding = finding or _check_expiry(leg, time_ns)
    return finding


def _check_leg(leg: OrderCommand, command: ListCommand) -> Finding:
    """Check a leg as a new order, of the list's instrument and account, without a request id."""
    return check_new_extended(leg) or first_failure(
        (leg.instrument == command.instrument, Reason.INVALID_INSTRUMENT),
        (leg.account == command.account, Reason.INVALID_ACCOUNT),
        (leg.request_id == NO_REQUEST, Reason.INVALID_RESERVED),
    )


def _make_a_list(command: ListCommand) -> bool:
    """Whether the legs make a list of its type."""
    first, *others = command.legs
    match command.list_type:
        case ListType.OCO:
            return _make_an_oco(first, others[0])
        case ListType.OTO:
            return first.order_type == OrderType.LIMIT
        case _:
            return first.order_type == OrderType.LIMIT and _make_an_oco(*others)


def _make_an_oco(first: OrderCommand, second: OrderCommand) -> bool:
    """Whether one of two orders may cancel the other: they stand on two sides of the market.

    The one above is a sell limit or a stop that rises, the one below a buy limit or a stop that
    falls. Where both say a price, that above says the higher.
    """
    sides = [_stands_above(first), _stands_above(second)]
    alike = (first.side, first.quantity_lots) == (second.side, second.quantity_lots)
    if not alike or {*sides} != {False, True}:
        return False
    above, below = (first, second) if sides[0] else (second, first)
    prices = (_price_said(above), _price_said(below))
    return 0 in prices or prices[0] > prices[1]


def _stands_above(leg: OrderCommand) -> bool | None:
    """Whether a leg waits for a higher price, be it in the book or as a stop; None: neither."""
    match leg.order_type:
        case OrderType.LIMIT:
            return leg.side == Side.SELL
        case OrderType.MARKET:
            return None
        case _:
            return leg.trigger == Trigger.RISE


def _price_said(leg: OrderCommand) -> int:
    """Return the price at which a leg waits; 0 for a trailing stop, which says a distance."""
    if leg.order_type == OrderType.LIMIT:
        return leg.price_ticks
    return leg.stop if leg.stop_unit == StopUnit.PRICE else 0


def check_asset(command: AssetCommand) -> Finding:
    """Check an asset."""
    return first_failure(
        (command.version == VERSION, Reason.UNSUPPORTED_VERSION),
        (command.flags == 0, Reason.INVALID_FLAGS),
        (command.asset != 0, Reason.INVALID_INSTRUMENT),
        (any(command.name) and _is_text(command.name), Reason.INVALID_SYMBOL),
        (command.decimals <= _ASSET_DECIMALS_MAX, Reason.INVALID_INCREMENT),
        (_is_zero(command.reserved), Reason.INVALID_RESERVED),
    )


def check_funds(command: FundsCommand) -> Finding:
    """Check money in, out or across."""
    is_transfer = command.kind == Kind.TRANSFER
    return first_failure(
        (command.version == VERSION, Reason.UNSUPPORTED_VERSION),
        (command.flags == 0, Reason.INVALID_FLAGS),
        (command.asset != 0, Reason.INVALID_INSTRUMENT),
        (command.account != 0, Reason.INVALID_ACCOUNT),
        (is_transfer == (command.to_account != 0), Reason.INVALID_ACCOUNT),
        (
            not is_transfer or command.to_account != command.account,
            Reason.INVALID_ACCOUNT,
        ),
        (1 <= command.amount <= MONEY_MAX, Reason.INVALID_AMOUNT),
        (_is_zero(command.reserved), Reason.INVALID_RESERVED),
        (command.kind == Kind.WITHDRAW or _has_source(command), Reason.INVALID_SOURCE),
    )


def check_settle(command: SettleCommand) -> Finding:
    """Check the end of a withdrawal."""
    return first_failure(
        (command.version == VERSION, Reason.UNSUPPORTED_VERSION),
        (command.flags == 0, Reason.INVALID_FLAGS),
        (command.no_instrument == 0, Reason.INVALID_INSTRUMENT),
        (command.withdrawal_sequence != 0, Reason.INVALID_ORDER_ID),
        (command.post in (0, 1), Reason.INVALID_STATE),
        (_is_zero(command.reserved), Reason.INVALID_RESERVED),
        (_has_source(command), Reason.INVALID_SOURCE),
    )
