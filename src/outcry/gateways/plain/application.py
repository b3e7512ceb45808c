"""All routes but the spot API's, as one Starlette application."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from outcry.gateways.connections import Connections
from outcry.gateways.venue import Venue


def plain_application(venue: Venue, connections: Connections) -> Starlette:
    """Return the application of a venue.

    Args:
        venue: What it serves.
        connections: The server's connections, which its figures tell of.
    """

    async def healthz(_request: Request) -> Response:
        return Response(b"{}", media_type="application/json")

    del venue, connections
    return Starlette(routes=[Route("/healthz", healthz)])
