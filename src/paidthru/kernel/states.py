"""State machines as data: one table each, printed into the docs, asked by the actions."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from paidthru.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Machine:
    """A named machine: `table[(state, event)]` is the state after the event; what is not there is refused."""

    name: str
    initial: str
    table: Mapping[tuple[str, str], str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", MappingProxyType(dict(self.table)))
        if self.initial not in self.states:
            raise ValueError(f"{self.name}: {self.initial!r} is not one of its states")

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order in which the table first names it."""
        named = [state for (before, _), after in self.table.items() for state in (before, after)]
        return tuple(dict.fromkeys(named))

    @property
    def events(self) -> tuple[str, ...]:
        """Every event, in the order in which the table first names it."""
        return tuple(dict.fromkeys(event for _, event in self.table))

    def allows(self, state: str, event: str) -> bool:
        """Whether the event may happen in the state."""
        return (state, event) in self.table

    def next(self, state: str, event: str) -> str:
        """The state after the event. Raises `Refused('illegal_transition')`."""
        after = self.table.get((state, event))
        if after is None:
            possible = [name for before, name in self.table if before == state]
            raise Refused(
                "illegal_transition",
                f"The {self.name} is {state}; {event.replace('_', ' ')!r} is not possible then.",
                field=self.name,
                value=event,
                fix=f"Possible now: {', '.join(possible)}." if possible else f"Nothing follows {state}.",
            )
        return after
