"""Routes for people and scripts, for administrators, and for those who watch over the server."""

from outcry.gateways.plain.application import plain_application

__all__ = ["plain_application"]
