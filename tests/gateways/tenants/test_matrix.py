"""Two tenants over every route: what is one's own is neither told to another nor changed by it.

Goal: no request reaches another account's orders, lists, trades, money or keys, whatever it names
and whoever signs it. Method: the routes are those that the server has; a route without a line in
the matrix fails. Each line is tried with every name that the owner's things have, and with names
that nobody has: the replies must be the same but for the names. After each route the owner's whole
view of its account is compared with the one before.
"""

import json
from collections.abc import Iterator
from functools import cache

import pytest

from tests.gateways.desk import Desk, Reply
from tests.gateways.tenants.callers import ALL_SCOPES, HERE, KINDS, Ask, Caller, Proof, new_proof
from tests.gateways.tenants.conftest import Strangers, stocked
from tests.gateways.tenants.estate import NOBODYS, OWNER, WRITERS, Estate, Names
from tests.gateways.tenants.matrix import (
    HALF_A_CHANGE,
    LINES,
    ROUTES_ALL,
    TEXTS,
    Refusal,
    Try,
    Where,
    is_admin,
    is_spot,
    scope_of,
)

ELSEWHERE = "203.0.113.9"
PUBLIC = sorted(where for where in LINES if where in ROUTES_ALL and scope_of(where) is None)
KEYED = sorted(where for where in LINES if where in ROUTES_ALL and scope_of(where) is not None)
TENANTS = [where for where in KEYED if not is_admin(where)]
ADMIN = sorted(where for where in LINES if where in ROUTES_ALL and is_admin(where))

NO_KEY: Refusal = (401, -2014)
NO_SUCH_KEY: Refusal = (401, -2015)
NOT_SIGNED: Refusal = (400, -1022)
UNKNOWN: Refusal = (401, "not_authenticated")
NO_SCOPE: Refusal = (403, "scope")
NO_NETWORK: Refusal = (403, "network")

Refused = tuple[Caller, Refusal, Refusal]
"""Who asks, and what it is told by the spot API and by plain routes."""


def test_every_route_has_its_line() -> None:
    assert set(LINES) == ROUTES_ALL


def require_refused(reply: Reply, refusal: Refusal, asked: object) -> None:
    status, reason = refusal
    body = reply.body
    told = body.get("code", body.get("reason"))
    assert (reply.status, told) == (status, reason), (asked, reply)
    if isinstance(reason, int):
        assert body["msg"] == TEXTS[reason], (asked, reply)


def blind(reply: Reply, names: Names) -> object:
    """Return what a refusal tells beside the names; of two halves, the one that failed."""
    told = json.loads(names.hidden(reply))
    if isinstance(told.get("data"), dict):
        told["data"] = {name: told["data"][name] for name in ("cancelResult", "cancelResponse")}
    return told


def test_what_the_owner_is_told_would_be_noticed(estate: Estate) -> None:
    for path in ("account", "openOrders", "openOrderList", "allOrderList", "/accounts/me"):
        told = estate.owner("GET", path)
        with pytest.raises(AssertionError, match=path):
            estate.require_untold(told, path, NOBODYS)


@pytest.mark.parametrize("where", PUBLIC, ids=" ".join)
def test_what_everybody_may_ask_tells_nobodys(
    desk: Desk, estate: Estate, readers: Strangers, where: Where
) -> None:
    before = estate.as_it_was
    for caller in (Caller(desk, "nobody", {}), readers["bearer"]):
        for names in estate.names:
            for each in LINES[where](names):
                reply = caller(each.ask(where))
                assert reply.status == 200, (each, reply)
                estate.require_untold(reply, each, NOBODYS)
    assert estate.view() == before


@pytest.mark.parametrize("where", TENANTS, ids=" ".join)
def test_a_stranger_reaches_nothing(
    estate: Estate, readers: Strangers, writers: Strangers, where: Where
) -> None:
    before = estate.as_it_was
    is_read = where[0] == "GET"
    for kind, caller in (readers if is_read else writers).items():
        if is_spot(where) and kind == "bearer":
            continue
        of_nobody = list(tried(caller, kind, where, NOBODYS))
        for names in estate.names if kind == "hmac" else estate.names[::4]:
            for (each, reply), (_, other) in zip(
                tried(caller, kind, where, names), of_nobody, strict=True
            ):
                asked = (caller.name, where, each)
                estate.require_untold(reply, asked, names)
                if each.refusal is None:
                    assert reply.status == each.status, (asked, reply)
                else:
                    require_refused(reply, each.refusal, asked)
                    assert each.is_of_own or blind(reply, names) == blind(other, NOBODYS), asked
    assert estate.view() == before


def tried(caller: Caller, kind: str, where: Where, names: Names) -> Iterator[tuple[Try, Reply]]:
    """Try a line; the stranger begins with one order, and has one before it changes its own."""
    for place, each in enumerate(LINES[where](names)):
        is_own = place == 0 or each.refusal in (None, HALF_A_CHANGE)
        if where[0] != "GET" and is_own:
            stocked(caller, WRITERS[kind])
        yield each, caller(each.ask(where))


@pytest.fixture(scope="module")
def proofs(desk: Desk) -> dict[str, Proof]:
    """Return a key of each kind of the owner's, which may do everything."""
    return {kind: new_proof(desk.venue.keys, OWNER, kind, ALL_SCOPES) for kind in KINDS}


@pytest.fixture(scope="module")
def forgers(desk: Desk, proofs: dict[str, Proof]) -> list[Refused]:
    """Return those whose keys are none, or not theirs, whatever is asked for."""
    keys = desk.venue.keys
    found: list[Refused] = [
        (Caller(desk, "nobody", {}), NO_KEY, UNKNOWN),
        (Caller(desk, "an empty key", {"X-MBX-APIKEY": ""}), NO_KEY, UNKNOWN),
        (Caller(desk, "unknown", {"X-MBX-APIKEY": "x" * 64}, lambda _: "0"), NO_SUCH_KEY, UNKNOWN),
        (Caller(desk, "bears nothing", {"authorization": "Bearer x.y"}), NO_KEY, UNKNOWN),
    ]
    for kind, owners in proofs.items():
        stranger = new_proof(keys, WRITERS[kind], kind, ALL_SCOPES)
        revoked = new_proof(keys, WRITERS[kind], kind, ALL_SCOPES)
        keys.revoke(revoked.api_key)
        there = new_proof(keys, WRITERS[kind], kind, ALL_SCOPES, networks=("10.0.0.0/8",))
        # The owner's name with the stranger's signature, and with one of something else.
        forged = Proof(owners.api_key, stranger.sign, stranger.secret)
        other = Proof(owners.api_key, lambda payload, own=owners: own.sign(payload + b"0"), None)  # type: ignore[misc]
        found += [
            (revoked.signing(desk, f"revoked {kind}"), NO_SUCH_KEY, UNKNOWN),
            (there.signing(desk, f"{kind} from elsewhere"), NO_SUCH_KEY, UNKNOWN),
            (forged.signing(desk, f"forged {kind}"), NOT_SIGNED, UNKNOWN),
            (other.signing(desk, f"{kind} of another payload"), NOT_SIGNED, UNKNOWN),
        ]
        found += [
            (proof.bearing(desk, f"bears {name} {kind}"), NO_KEY, UNKNOWN)
            for name, proof in (("revoked", revoked), ("elsewhere's", there), ("forged", forged))
        ]
    return found


@cache
def unscoped(desk: Desk, scope: str) -> list[Refused]:
    """Return keys, the owner's own even, that may do everything but this."""
    found: list[Refused] = []
    for kind in KINDS:
        proof = new_proof(desk.venue.keys, OWNER, kind, ALL_SCOPES - {scope})
        found.append((proof.signing(desk, f"{kind} without {scope}"), NO_SUCH_KEY, NO_SCOPE))
        if kind == "hmac":
            bearer = proof.bearing(desk, f"bears a key without {scope}")
            found.append((bearer, NO_KEY, NO_SCOPE))
    return found


def require_all_refused(
    estate: Estate, where: Where, callers: list[Refused], names: list[Names]
) -> None:
    """Require that no request of theirs reaches the exchange."""
    before, exchange = estate.as_it_was, estate.desk.venue.exchange
    sequence = exchange.status().sequence
    for caller, of_spot, of_plain in callers:
        for each_names in names:
            for each in LINES[where](each_names):
                asked = (caller.name, where, each)
                reply = caller(each.ask(where))
                require_refused(reply, of_spot if is_spot(where) else of_plain, asked)
                estate.require_untold(reply, asked, each_names)
    assert exchange.status().sequence == sequence
    assert estate.view() == before


@pytest.mark.parametrize("where", KEYED, ids=" ".join)
def test_without_the_right_key_nothing_is_done(
    estate: Estate, forgers: list[Refused], where: Where
) -> None:
    scope = scope_of(where)
    assert scope is not None
    callers = forgers + unscoped(estate.desk, scope)
    require_all_refused(estate, where, callers, estate.names[:1])


@pytest.mark.parametrize("where", ADMIN, ids=" ".join)
def test_administration_is_reached_from_this_machine_alone(
    estate: Estate, proofs: dict[str, Proof], where: Where
) -> None:
    proof, desk = proofs["hmac"], estate.desk
    callers = [
        Caller(desk, "nobody", {}, None, ELSEWHERE),
        proof.signing(desk, "an administrator elsewhere", address=ELSEWHERE),
        proof.bearing(desk, "an administrator elsewhere, bearing", address=ELSEWHERE),
        proof.bearing(desk, "one of this network", address="::ffff:10.0.0.1"),
        proof.bearing(desk, "one without an address", address=""),
    ]
    refused: list[Refused] = [(caller, NO_KEY, NO_NETWORK) for caller in callers]
    require_all_refused(estate, where, refused, estate.names)


def test_an_administrator_here_may(estate: Estate, proofs: dict[str, Proof]) -> None:
    for address in (HERE, "::1", "::ffff:127.0.0.1"):
        caller = proofs["hmac"].bearing(estate.desk, "an administrator", address=address)
        where = ("GET", "/admin/accounts/{account}")
        (each,) = LINES[where](NOBODYS)
        assert caller(each.ask(where)).body["account"] == OWNER


def test_a_request_with_two_keys_is_whose_secret_it_knows(
    desk: Desk, proofs: dict[str, Proof]
) -> None:
    account = WRITERS["hmac"]
    own = new_proof(desk.venue.keys, account, "hmac", ALL_SCOPES)
    owners = proofs["hmac"]
    both = {
        "authorization": f"Bearer {own.api_key}.{own.secret}",
        "X-MBX-APIKEY": owners.api_key,
    }
    plain = Caller(desk, "bears one and names another", both)
    assert plain(Ask("GET", "/accounts/me")).body["account"] == account
    signing = Caller(desk, "names another and signs", both, own.sign)
    require_refused(signing(Ask("GET", "/api/v3/account")), NOT_SIGNED, signing.name)
    wrong = both | {"authorization": f"Bearer {owners.api_key}.{own.secret}"}
    forged = Caller(desk, "bears another's name", wrong, owners.sign)
    require_refused(forged(Ask("GET", "/accounts/me")), UNKNOWN, forged.name)
