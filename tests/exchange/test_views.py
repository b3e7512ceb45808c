"""Goal: an open order is read field by field. Method: the row is compared with its dtype."""

from outcry import OPEN_ORDER
from outcry.exchange.views import _OrderRow


def test_a_row_of_an_order_has_the_columns_of_its_dtype() -> None:
    assert _OrderRow._fields == OPEN_ORDER.names
