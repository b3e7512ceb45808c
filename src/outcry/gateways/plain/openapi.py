"""The OpenAPI 3.1 document of all routes, made from the types that they read and answer."""

import inspect
import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Final

import msgspec
from msgspec import Struct

from outcry.gateways.plain.openapi_spot import SPOT_SCHEMES, SPOT_TAG, spot_paths, spot_types
from outcry.gateways.plain.problem import MEDIA_TYPE, ProblemDocument
from outcry.gateways.plain.route import NoParameters, PlainRoute
from outcry.gateways.plain.service import PAGE_FILES

TEMPLATE: Final = "#/components/schemas/{name}"
_PATH_NAMES: Final = {
    "symbol": {"type": "string", "minLength": 1, "maxLength": 24},
    "order_id": {"type": "integer", "minimum": 0, "maximum": (1 << 63) - 1},
    "account": {"type": "integer", "minimum": 1, "maximum": 4_294_967_295},
    "withdrawal_id": {"type": "integer", "minimum": 0, "maximum": (1 << 63) - 1},
    "file": {"type": "string", "enum": sorted(PAGE_FILES)},
}
_IN_PATH: Final = re.compile(r"\{(\w+)\}")
_ATTRIBUTE: Final = re.compile(r"^ {4,8}(\w+): (.+(?:\n {8,}\S.*)*)", re.MULTILINE)

Schemas = dict[str, Any]


def document_of(routes: Iterable[PlainRoute]) -> Schemas:
    """Return the document of the plain routes and those of the spot API."""
    routes = tuple(routes)
    types = _types_of(routes)
    _, components = msgspec.json.schema_components(types, ref_template=TEMPLATE)
    for type_ in types:
        _describe(type_, components)
    paths: Schemas = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    for path, operations in spot_paths().items():
        paths.setdefault(path, {}).update(operations)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Outcry",
            "version": version("outcry"),
            "description": (
                "An exchange. Plain routes have JSON bodies, bearer keys and problem documents;"
                " those below `/api/v3` are the spot API that existing clients speak; what of it"
                " needs no key answers below `/api/v1`, too, and to HEAD. Numbers of money are"
                " decimal texts everywhere."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in _tags(routes)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`API_KEY.SECRET` of a key of kind hmac.",
                },
                **SPOT_SCHEMES,
            },
        },
    }


def _tags(routes: Iterable[PlainRoute]) -> list[str]:
    return list(dict.fromkeys([*(route.tag for route in routes), SPOT_TAG]))


def _types_of(routes: Iterable[PlainRoute]) -> list[Any]:
    types: dict[Any, None] = {ProblemDocument: None}
    for route in routes:
        for each in (route.reply, route.body):
            if each is not None:
                types[each] = None
    types.update(dict.fromkeys(spot_types()))
    return list(types)


def _describe(type_: Any, components: Schemas) -> None:  # noqa: ANN401 - any type of a field
    """Give the schemas of a type, and of those in it, the words of their docstrings."""
    if isinstance(type_, type) and issubclass(type_, Struct):
        schema = components.get(type_.__name__)
        if schema is None or "x-described" in schema:
            return
        schema["x-described"] = True
        words = words_of(type_)
        summary = inspect.getdoc(type_) or ""
        schema["description"] = summary.split("\n")[0]
        for field in msgspec.structs.fields(type_):
            told = schema["properties"].get(field.encode_name)
            if told is not None and field.name in words:
                told["description"] = words[field.name]
            _describe(field.type, components)
        del schema["x-described"]
        return
    for each in getattr(type_, "__args__", ()):
        _describe(each, components)


def words_of(type_: type) -> dict[str, str]:
    """Return what a docstring says of each attribute, those of its bases included."""
    words: dict[str, str] = {}
    for base in reversed(type_.__mro__):
        text = base.__doc__ or ""
        if "Attributes:" not in text or not issubclass(base, Struct):
            continue
        section = inspect.cleandoc(text).partition("Attributes:\n")[2]
        for name, told in _ATTRIBUTE.findall(section):
            words[name] = " ".join(told.split())
    return words


def _operation(route: PlainRoute) -> Schemas:
    summary, _, rest = (inspect.getdoc(route.handler) or "").partition("\n")
    operation: Schemas = {
        "operationId": _operation_id(route),
        "tags": [route.tag],
        "summary": summary.rstrip("."),
        "description": " ".join(rest.split()) or summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route.query)],
        "responses": _responses(route),
    }
    if route.idempotent:
        operation["parameters"].append(_IDEMPOTENCY)
    if route.body is not None:
        schema = {"$ref": TEMPLATE.format(name=route.body.__name__)}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    if route.scope is not None:
        (scope,) = route.scope.names
        operation["security"] = [{"bearer": []}, {"apiKey": [], "signature": []}]
        operation["description"] += f" The key needs the scope `{scope}`."
    if route.admin:
        operation["description"] += " Reached from the networks of `admin_networks` only."
    if not operation["parameters"]:
        del operation["parameters"]
    return operation


_IDEMPOTENCY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The request is done once, however often it is sent with this key.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}


def _operation_id(route: PlainRoute) -> str:
    words = re.findall(r"\w+", route.path)
    return "_".join([route.method.lower(), *words])


def _path_parameters(route: PlainRoute) -> list[Schemas]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PATH_NAMES[name]}
        for name in _IN_PATH.findall(route.path)
    ]


def _query_parameters(query: type[Struct]) -> list[Schemas]:
    if query is NoParameters:
        return []
    _, components = msgspec.json.schema_components((query,), ref_template=TEMPLATE)
    schema, words = components[query.__name__], words_of(query)
    told = []
    for field in msgspec.structs.fields(query):
        found = _without_null(schema["properties"][field.encode_name])
        text = found.pop("description", None)
        told.append(
            {
                "name": field.encode_name,
                "in": "query",
                "required": field.encode_name in schema["required"],
                "description": " ".join(each for each in (words.get(field.name), text) if each),
                "schema": found,
            }
        )
    return told


def _without_null(schema: Schemas) -> Schemas:
    """Return the schema of a parameter, which is there or not but never null."""
    told = {name: value for name, value in schema.items() if value is not None}
    if "anyOf" in told:
        (only,) = (each for each in told.pop("anyOf") if each != {"type": "null"})
        told = {**only, **told}
    return told


def _responses(route: PlainRoute) -> Schemas:
    problem = {"schema": {"$ref": TEMPLATE.format(name=ProblemDocument.__name__)}}
    responses: Schemas = {
        str(route.status): {"description": "Done.", "content": _content(route)},
    }
    for status, text in route.others:
        responses[str(status)] = {"description": text, "content": _content(route)}
    if str(503) in responses:
        content = responses["503"]["content"]
        responses["503"]["content"] = {**content, MEDIA_TYPE: problem}
    else:
        responses["503"] = {
            "description": "Not available now; ask again later.",
            "content": {MEDIA_TYPE: problem},
        }
    responses["4XX"] = {
        "description": "The request was refused: `reason` says why, `field` and `bound` by what.",
        "content": {MEDIA_TYPE: problem},
    }
    return responses


def _content(route: PlainRoute) -> Schemas:
    if route.reply is None:
        return {route.media_type: {"schema": {}}}
    return {"application/json": {"schema": {"$ref": TEMPLATE.format(name=route.reply.__name__)}}}
