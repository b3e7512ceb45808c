"""Goal: the document tells every route that exists, and none that does not.

Method: the routes of the application and of the spot API are compared with the paths of the
document; its references are followed; its page needs nothing from elsewhere.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.routing import Route

from outcry.gateways.binance import ROUTES
from outcry.gateways.connections import Connections
from outcry.gateways.plain.application import plain_application, plain_routes
from outcry.gateways.plain.openapi import document_of
from outcry.gateways.plain.openapi_spot import parameter_schema
from outcry.gateways.plain.service import PAGE_FILES, Service
from outcry.gateways.venue import Venue
from outcry.settings import ServeSettings
from tests.gateways.plain.conftest import Asker


class BareVenue:
    """As much of a venue as its routes are made of."""

    settings = ServeSettings()


def connections() -> Connections:
    return Connections.of(ServeSettings())


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made = document_of(plain_routes(Service(connections(), lambda: b"")))
    parsed: dict[str, Any] = json.loads(json.dumps(made))
    return parsed


def existing() -> set[tuple[str, str]]:
    venue: Any = BareVenue()
    checked: Venue = venue
    found = set(ROUTES)
    for route in plain_application(checked, connections()).routes:
        assert isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}:
            found.add((method, route.path.replace(":path}", "}")))
    return found


def told(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
    }


def test_it_tells_each_route_and_no_other(document: dict[str, Any]) -> None:
    assert told(document) == existing()


def test_a_route_that_is_not_told_would_be_seen(document: dict[str, Any]) -> None:
    del document["paths"]["/healthz"]
    assert existing() - told(document) == {("GET", "/healthz")}


def nodes(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from nodes(each)
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)


def test_its_references_lead_somewhere(document: dict[str, Any]) -> None:
    found = {node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)}
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert found <= known
    assert {"#/components/schemas/NewOrder", "#/components/schemas/OrderReport"} <= found


def test_its_operations_have_names_of_their_own_and_tell_what_they_do(
    document: dict[str, Any],
) -> None:
    operations = [each for path in document["paths"].values() for each in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    for operation in operations:
        assert operation["summary"], operation["operationId"]
        assert {"4XX", "503"} <= operation["responses"].keys(), operation["operationId"]


def test_each_part_of_a_path_is_a_parameter(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            names = {
                each["name"] for each in operation.get("parameters", []) if each["in"] == "path"
            }
            assert names == set(re.findall(r"\{(\w+)\}", path)), path


def test_fields_have_the_words_of_their_types(document: dict[str, Any]) -> None:
    for name in ("NewOrder", "OrderView", "CandleView", "InstrumentTerms", "OwnAccount"):
        for field, schema in document["components"]["schemas"][name]["properties"].items():
            assert schema.get("description"), (name, field)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_each_parameter_of_the_spot_api_has_a_type(method: str, path: str) -> None:
    for name in ROUTES[method, path].parameters - {"signature"}:
        assert parameter_schema(path, name), name


def test_a_parameter_that_nobody_knows_is_a_mistake() -> None:
    with pytest.raises(LookupError):
        parameter_schema("/api/v3/order", "colour")


def test_it_is_served_with_a_page_of_local_files(nobody: Asker) -> None:
    served = nobody.ask("GET", "/openapi.json")
    assert (served.status_code, served.json()["openapi"]) == (200, "3.1.0")
    page = nobody.ask("GET", "/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    linked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {f"/docs/{name}" for name in PAGE_FILES} == set(linked)
    for path in linked:
        file = nobody.ask("GET", path)
        assert file.status_code == 200, path
        assert file.content, path
    assert nobody.ask("GET", "/docs/../secret").status_code == 404
    assert nobody.ask("GET", "/docs/swagger-ui.js").status_code == 404
