"""A command that is not yet sent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from outcry.errors import CommandRejected
from outcry.exchange.answers import Answer

if TYPE_CHECKING:
    from outcry._native import Records

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """A command that is not yet sent.

    Attributes:
        record: The command's records, one behind the other.
        decode: Reads what was asked for from the answer.
        explain: Returns a refusal in the words of the caller.
    """

    record: bytes
    decode: Callable[[Answer], T]
    explain: Callable[[CommandRejected], CommandRejected] = lambda error: error

    def read(
        self,
        events: "Records | npt.NDArray[np.void]",
        learn: Callable[[bytes], None] | None = None,
        time_ns: int = 0,
    ) -> T:
        """Return what was asked for, from the events of the command.

        Args:
            events: The events.
            learn: Is told of the command once it is known to be accepted.
            time_ns: Engine time at the command.

        Raises:
            CommandRejected: The command was refused.
            RequestRepeated: Its request id was seen before.
        """
        try:
            answer = Answer(self.record[0], events, time_ns)
        except CommandRejected as error:
            raise self.explain(error) from None
        if learn is not None:
            learn(self.record)
        return self.decode(answer)
