"""The doors of the exchange: what speaks to clients, and the keys and limits beside it."""
