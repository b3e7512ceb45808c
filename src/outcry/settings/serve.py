"""The settings of `outcry serve`: where it listens, and the bounds of all that it serves."""

from ipaddress import ip_network
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

_U32_MAX: Final = (1 << 32) - 1
_DAY_MS: Final = 86_400_000


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip()))
    except ValueError as error:
        raise ValueError(f"should be an IP network: {error}") from None


Count = Annotated[int, Field(ge=1, le=_U32_MAX)]
Connections = Annotated[int, Field(ge=1, le=1_000_000)]
WaitMs = Annotated[int, Field(ge=1, le=_DAY_MS)]
BanSeconds = Annotated[int, Field(ge=1, le=31_536_000)]


class ServeSettings(BaseModel):
    """How the exchange is served.

    Attributes:
        host: The address to listen on; the default is this machine's own, which nobody else
            reaches.
        port: The port to listen on; 0 takes a free one.
        demo: Whether simulated traders keep the books of the demo alive.
        admin_networks: The networks from which the routes for administrators can be reached; by
            default this machine alone.
        spare_core: Whether all but the event loop keeps off one of the cores, where there are
            more: so the loop is not made to wait by the exchange's own threads.
        connections_max: Connections at a time, above which a new one is closed.
        connections_per_ip_max: Connections of one address at a time, above which its next one is
            closed.
        backlog: Connections that the system holds until they are taken.
        request_timeout_ms: How long a request may take to arrive, from its first byte to its
            last, in milliseconds; then it is answered 408. As long may a client take nothing of
            an answer; then the connection is closed.
        keep_alive_ms: How long a connection may stay without a request, in milliseconds.
        stop_timeout_ms: How long requests may go on after the first Ctrl-C, in milliseconds.
        header_bytes_max: Bytes of a request's line and headers; more is answered 431.
        query_bytes_max: Bytes of a query string; more is answered 414.
        body_bytes_max: Bytes of a body; more is answered 413.
        requests_in_flight_max: Requests at work at a time, above which one is answered 503 with
            -1008.
        answer_timeout_ms: How long a request waits for the exchange, in milliseconds; then it is
            answered 503 with -1007, and whether the order was taken is to be asked.
        history_timeout_ms: How long a read waits for the history to have what was durable when it
            came, in milliseconds; then it is answered 503 with -1007.
        page_rows_max: Most rows of a page.
        depth_levels_max: Most levels of a side of the book.
        keys_max: Most API keys.
        request_weight_max: Request weight that an address may use in a minute; more is answered
            429.
        raw_requests_max: Requests that an address may send in five minutes; more are answered
            429.
        refusals_max: Requests answered 429 within a minute, above which the address is banned
            and answered 418.
        ban_s_first: How long an address is banned at first, in seconds; each further ban is twice
            as long.
        ban_s_max: How long a ban lasts at most, in seconds; without one for as long, an address
            begins anew.
        limited_addresses_max: Addresses whose use is remembered; beyond it those that were quiet
            for longest are forgotten.
        orders_10s_max: Orders that did not trade which an account may send in ten seconds; more
            are answered 429.
        orders_1d_max: Orders that did not trade which an account may send on a day of UTC; more
            are answered 429.
        limited_accounts_max: Accounts whose orders are counted; beyond it those that were quiet
            for longest are forgotten.
        log_format: How events of the program are written: `console` for people, `json` for
            programs.
        log_level: The least weight of what is written.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    host: Annotated[str, Field(min_length=1, max_length=255)] = "127.0.0.1"
    port: int = Field(default=8_080, ge=0, le=65_535)
    demo: bool = False
    admin_networks: tuple[Annotated[str, AfterValidator(_network)], ...] = ("127.0.0.0/8", "::1")
    spare_core: bool = True

    connections_max: Connections = 16_384
    connections_per_ip_max: Connections = 4_096
    backlog: int = Field(default=2_048, ge=1, le=65_535)
    request_timeout_ms: WaitMs = 10_000
    keep_alive_ms: WaitMs = 75_000
    stop_timeout_ms: WaitMs = 10_000

    header_bytes_max: int = Field(default=32_768, ge=1_024, le=1 << 20)
    query_bytes_max: int = Field(default=16_384, ge=256, le=1 << 20)
    body_bytes_max: int = Field(default=65_536, ge=1_024, le=1 << 30)
    requests_in_flight_max: int = Field(default=4_096, ge=1, le=1_000_000)
    answer_timeout_ms: WaitMs = 10_000
    history_timeout_ms: WaitMs = 2_000
    page_rows_max: int = Field(default=1_000, ge=1, le=1_000)
    depth_levels_max: int = Field(default=5_000, ge=1, le=100_000)

    keys_max: int = Field(default=10_000, ge=1, le=1_000_000)
    request_weight_max: Count = 6_000
    raw_requests_max: Count = 61_000
    refusals_max: int = Field(default=100, ge=0, le=_U32_MAX)
    ban_s_first: BanSeconds = 120
    ban_s_max: BanSeconds = 259_200
    limited_addresses_max: int = Field(default=65_536, ge=1, le=10_000_000)
    orders_10s_max: Count = 100
    orders_1d_max: Count = 200_000
    limited_accounts_max: int = Field(default=1_048_576, ge=1, le=10_000_000)

    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("ban_s_max")
    @classmethod
    def _not_below_the_first(cls, value: int, info: ValidationInfo) -> int:
        """Compare the longest ban with the first."""
        first = info.data.get("ban_s_first")
        if first is not None and value < first:
            raise ValueError(f"should be at least ban_s_first, which is {first}")
        return value
