"""Goal: connections keep to their bounds. Method: a small application over real sockets."""

import asyncio

from outcry.gateways.connections import Connections
from outcry.settings import ServeSettings
from tests.gateways.place import Place, bounds, run, until

NOW = b"GET /now HTTP/1.1\r\n\r\n"
TOLD_NOW = b"/now"


def test_bounds_are_the_settings() -> None:
    settings = ServeSettings(
        connections_max=5,
        connections_per_ip_max=3,
        header_bytes_max=2_000,
        body_bytes_max=3_000,
        request_timeout_ms=1_500,
        keep_alive_ms=2_500,
    )
    assert Connections.of(settings) == Connections(5, 3, 2_000, 3_000, 1.5, 2.5)


def test_those_too_many_are_turned_away_until_others_leave() -> None:
    async def work() -> None:
        place = Place(bounds(connections_max=5, per_address_max=3))
        async with place.served():
            first = [await place.connect(NOW, "127.0.0.2") for _ in range(3)]
            assert [await each.told() for each in first] == [TOLD_NOW] * 3
            refused = await (await place.connect(b"", "127.0.0.2")).rest()
            assert refused.startswith(b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n")
            assert refused.endswith(b'\r\n\r\n{"code":-1003,"msg":"Too many connections."}')
            others = [await place.connect(NOW, "127.0.0.3") for _ in range(2)]
            assert [await each.told() for each in others] == [TOLD_NOW] * 2
            assert (await (await place.connect(NOW, "127.0.0.4")).told()) == b"503"
            assert (len(place.connections), place.connections.refused) == (5, 2)
            first[0].writer.close()
            await until(lambda: len(place.connections) == 4)
            assert (await (await place.connect(NOW, "127.0.0.2")).told()) == TOLD_NOW

    run(work())


def test_the_sweep_ends_and_counts_who_is_late() -> None:
    async def work() -> None:
        place = Place(bounds(request_timeout_s=0.01, idle_timeout_s=0.01))
        async with place.served():
            sweeping = asyncio.create_task(place.connections.sweep())
            clients = [await place.connect(data) for data in (b"", NOW[:5], b"")]
            assert [(await each.rest())[:12] for each in clients] == [b"", b"HTTP/1.1 408", b""]
            assert place.connections.timed_out == 3
            sweeping.cancel()

    run(work())
