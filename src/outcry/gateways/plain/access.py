"""Whether a plain call may be made: a bearer key, or one that is signed as the spot API's are."""

from typing import Final

from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.binance.security import require_in_time
from outcry.gateways.keys import Key, Networks, Scope
from outcry.gateways.plain.call import SIGNER, PlainCall
from outcry.gateways.plain.problem import FORBIDDEN, UNAUTHORIZED, ProblemError, of_api

_BEARER: Final = "bearer "
_CHALLENGE: Final = {"www-authenticate": 'Bearer realm="outcry"'}


def require_network(networks: Networks | None, call: PlainCall) -> None:
    """Refuse a call from elsewhere than the networks of administrators; None stands for nowhere.

    Raises:
        ProblemError: It comes from elsewhere.
    """
    if networks is None or not networks.hold(call.address):
        raise ProblemError(
            FORBIDDEN,
            "network",
            "This route can be reached from the networks of `admin_networks` only.",
        )


def authenticate(call: PlainCall, scope: Scope) -> None:
    """Find the key that a call is made with.

    Raises:
        ProblemError: There is no such key, it may not do this, or the signature is not valid.
    """
    said = call.headers.get("authorization")
    if said is not None:
        key = _bearer(call, said)
    elif SIGNER in call.headers:
        key = _signer(call, call.headers[SIGNER])
    else:
        raise _unknown("This route asks for a key: `Authorization: Bearer API_KEY.SECRET`.")
    if not key.has(scope):
        (name,) = scope.names
        detail = f"The key lacks the scope `{name}`."
        raise ProblemError(FORBIDDEN, "scope", detail, bound=name)
    call.key = key


def _bearer(call: PlainCall, said: str) -> Key:
    if not said.lower().startswith(_BEARER):
        raise _unknown("`Authorization` must be `Bearer API_KEY.SECRET`.")
    key = call.venue.keys.find_bearer(said[len(_BEARER) :].strip())
    if key is None or not key.allows(call.address):
        raise _unknown("No such key, or not from this address.")
    return key


def _signer(call: PlainCall, api_key: str) -> Key:
    key = call.venue.keys.find(api_key)
    if key is None or not key.allows(call.address):
        raise _unknown("No such key, or not from this address.")
    try:
        signed = Call(
            call.method,
            "",
            call.query,
            b"",
            api_key=api_key,
            address=call.address,
            received_ns=call.received_ns,
            request_id=call.request_id,
        )
        require_in_time(signed)
    except ApiError as error:
        raise of_api(error) from None
    signature = signed.parameters.get("signature", "")
    # The body is signed as it is, whatever it says of signatures.
    if not key.verify(signed.signed_bytes + call.body, signature):
        raise _unknown("The signature is not valid.")
    return key


def _unknown(detail: str) -> ProblemError:
    return ProblemError(UNAUTHORIZED, "not_authenticated", detail, headers=_CHALLENGE)
