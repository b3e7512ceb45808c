"""Asks each route of the spot API once, and holds every reply against the served document.

Usage: python document_client.py ADDRESS API_KEY SECRET
Prints what did not hold, and which documented routes were not asked, as JSON.
"""

import hashlib
import hmac
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import jsonschema_rs

SYMBOL = {"symbol": "BTCUSDT"}
ORDER = {
    **SYMBOL,
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.1",
    "price": "50000",
}
OTO = {
    **SYMBOL,
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingTimeInForce": "GTC",
    "workingPrice": "50000",
    "workingQuantity": "0.1",
    "pendingSide": "SELL",
    "pendingQuantity": "0.1",
}
LEGS = {"AboveType": "LIMIT_MAKER", "AbovePrice": "70000"} | {
    "BelowType": "STOP_LOSS",
    "BelowStopPrice": "40000",
}


class Client:
    """Asks, and holds replies against the document."""

    def __init__(self, address: str, api_key: str, secret: str) -> None:
        self.address = address
        self.api_key = api_key
        self.secret = secret
        with urllib.request.urlopen(f"{address}/openapi.json") as answer:
            self.document = json.load(answer)
        self.asked: set[tuple[str, str]] = set()
        self.faults: list[str] = []

    def ask(self, method: str, path: str, **said: object) -> Any:  # noqa: ANN401
        """Ask, signed where the document says so; note where the reply is not as documented."""
        operation = self.document["paths"][path][method.lower()]
        headers = {}
        query = urllib.parse.urlencode(said)
        if "security" in operation:
            headers = {"X-MBX-APIKEY": self.api_key}
            query += f"&timestamp={time.time_ns() // 1_000_000}"
            digest = hmac.new(self.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
            query += f"&signature={digest}"
        url = f"{self.address}{path}?{query}"
        request = urllib.request.Request(url, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                status, body = answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            status, body = error.code, json.load(error)
        if status == 200:
            self.asked.add((method, path))
        responses = operation["responses"]
        kind = str(status) if str(status) in responses else f"{status // 100}XX"
        schema = responses[kind]["content"]["application/json"]["schema"]
        schema = {**schema, "components": self.document["components"]}
        for fault in jsonschema_rs.Draft202012Validator(schema).iter_errors(body):
            self.faults.append(f"{method} {path}: {fault.instance_path}: {fault.message}")
        return body

    def unasked(self) -> list[str]:
        """Return the documented routes of the spot API that never answered 200."""
        return [
            f"{method.upper()} {path}"
            for path, operations in self.document["paths"].items()
            for method, operation in operations.items()
            if operation["tags"] == ["spot API"] and (method.upper(), path) not in self.asked
        ]


def ask_of_markets(client: Client) -> None:
    """Ask what everybody may."""
    for name in ("ping", "time", "exchangeInfo", "executionRules"):
        client.ask("GET", f"/api/v3/{name}")
    for name in ("depth", "trades", "historicalTrades", "aggTrades", "avgPrice"):
        client.ask("GET", f"/api/v3/{name}", **SYMBOL)
    for name in ("24hr", "price", "bookTicker"):
        client.ask("GET", f"/api/v3/ticker/{name}", **SYMBOL)
        client.ask("GET", f"/api/v3/ticker/{name}")
    for path in ("ticker", "ticker/tradingDay"):
        client.ask("GET", f"/api/v3/{path}", **SYMBOL)
        client.ask("GET", f"/api/v3/{path}", symbols='["BTCUSDT"]')
    for path in ("ticker", "ticker/tradingDay", "ticker/24hr"):
        client.ask("GET", f"/api/v3/{path}", type="MINI", **SYMBOL)
    client.ask("GET", "/api/v3/historicalBlockTrades", fromId=1, **SYMBOL)
    for name in ("klines", "uiKlines"):
        client.ask("GET", f"/api/v3/{name}", interval="1m", **SYMBOL)


def ask_of_wallets(client: Client) -> None:
    """Ask whatever stands beside the spot API."""
    for path, operations in client.document["paths"].items():
        if path.startswith(("/sapi", "/fapi", "/dapi")):
            for method in operations:
                client.ask(method.upper(), path)


def ask_of_orders(client: Client) -> None:
    """Place, see, change and cancel orders."""
    path = "/api/v3/order"
    for kind in ("ACK", "RESULT"):
        client.ask("POST", path, newOrderRespType=kind, **ORDER)
    placed = client.ask("POST", path, newOrderRespType="FULL", **ORDER)
    client.ask("POST", f"{path}/test", **ORDER)
    client.ask("POST", f"{path}/test", computeCommissionRates="true", **ORDER)
    client.ask("POST", path, **SYMBOL, side="BUY", type="MARKET", quantity="0.1")
    client.ask("POST", path, **ORDER | {"price": "x"})
    number = placed["orderId"]
    client.ask("GET", path, orderId=number, **SYMBOL)
    client.ask("PUT", f"{path}/amend/keepPriority", orderId=number, newQty="0.05", **SYMBOL)
    change = {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": number}
    replaced = client.ask("POST", f"{path}/cancelReplace", **change, **ORDER)
    client.ask("POST", f"{path}/cancelReplace", **change, **ORDER)
    for name in ("openOrders", "allOrders", "myTrades", "myAllocations", "myFilters"):
        client.ask("GET", f"/api/v3/{name}", **SYMBOL)
    client.ask("DELETE", path, orderId=replaced["newOrderResponse"]["orderId"], **SYMBOL)
    client.ask("DELETE", "/api/v3/openOrders", **SYMBOL)


def ask_of_lists(client: Client) -> None:
    """Place, see and cancel order lists."""
    path = "/api/v3/orderList"
    legs = {name[0].lower() + name[1:]: value for name, value in LEGS.items()}
    prices = {"price": "70000", "stopPrice": "40000"}
    client.ask("POST", "/api/v3/order/oco", **SYMBOL, side="SELL", quantity="0.1", **prices)
    placed = client.ask("POST", f"{path}/oco", **SYMBOL, side="SELL", quantity="0.1", **legs)
    client.ask("POST", f"{path}/oto", **OTO, pendingType="MARKET")
    legs = {f"pending{name}": value for name, value in LEGS.items()}
    client.ask("POST", f"{path}/otoco", **OTO, **legs)
    for name in ("openOrderList", "allOrderList"):
        client.ask("GET", f"/api/v3/{name}")
    client.ask("GET", path, orderListId=placed["orderListId"])
    client.ask("DELETE", path, orderListId=placed["orderListId"], **SYMBOL)


def main(address: str, api_key: str, secret: str) -> None:
    """Ask each route, and print what did not hold."""
    client = Client(address, api_key, secret)
    ask_of_markets(client)
    ask_of_orders(client)
    ask_of_lists(client)
    ask_of_wallets(client)
    client.ask("GET", "/api/v3/account")
    client.ask("GET", "/api/v3/account/commission", **SYMBOL)
    client.ask("GET", "/api/v3/rateLimit/order")
    json.dump({"faults": client.faults, "unasked": client.unasked()}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
