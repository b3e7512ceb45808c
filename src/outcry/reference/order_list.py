"""Orders that hang together: a list and its legs."""

from dataclasses import dataclass

from outcry.reference.codes import ListType
from outcry.reference.order import Order


@dataclass(frozen=True, slots=True, eq=False)
class OrderList:
    """A list that is executing, and all its legs in list order, closed ones too.

    Its id is the sequence of the command that entered it.
    """

    list_id: int
    list_type: int
    account: int
    instrument: int
    legs: tuple[Order, ...]

    @property
    def working(self) -> tuple[Order, ...]:
        """The legs that enter with the list: both of an OCO, the first of the others."""
        return self.legs if self.list_type == ListType.OCO else self.legs[:1]

    @property
    def waiting_for_it(self) -> tuple[Order, ...]:
        """The legs that enter when the working leg is filled: none of an OCO."""
        return self.legs[len(self.working) :]

    def is_first_stage(self, leg: Order) -> bool:
        """Whether others of the list wait for this leg to be filled."""
        return bool(self.waiting_for_it) and leg in self.working
