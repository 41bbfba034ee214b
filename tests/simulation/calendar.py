"""The simulated clock: one for the product, for the gateway and for the database, whose own is hidden behind it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg

START = datetime(
    2026, 1, 1, 14, 0, tzinfo=UTC
)  # nine o'clock in New York, on the day on which the clubs billed

#: A sequence, for its value is seen by everybody at once, whatever transaction they are in.
_CREATE = """
    CREATE SCHEMA IF NOT EXISTS simulation;
    CREATE SEQUENCE IF NOT EXISTS simulation.clock;
    CREATE OR REPLACE FUNCTION simulation.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        $$ SELECT 'epoch'::timestamptz + last_value * interval '1 microsecond' FROM simulation.clock $$;
    CREATE OR REPLACE FUNCTION simulation.now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        $$ SELECT simulation.clock_timestamp() $$;
    CREATE OR REPLACE FUNCTION simulation.statement_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        $$ SELECT simulation.clock_timestamp() $$;
    CREATE OR REPLACE FUNCTION simulation.transaction_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        $$ SELECT simulation.clock_timestamp() $$
"""


class SimulatedClock:
    """Time goes on when somebody moves it; what falls due on the way happens at its own instant."""

    def __init__(self, monitor: psycopg.Connection[tuple[object, ...]]) -> None:
        self._monitor = monitor
        self._now = START
        self.on_the_way: Callable[[datetime], None] = lambda _: None
        self._set()

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return self._now

    def seconds(self) -> float:
        """The present instant as seconds since the start."""
        return (self._now - START).total_seconds()

    def advance(self, by: timedelta) -> None:
        """Moves on; never back."""
        self._now += max(by, timedelta(0))
        self._set()
        self.on_the_way(self._now)

    def advance_to(self, seconds: float) -> None:
        """Moves on to so many seconds after the start."""
        self.advance(START + timedelta(seconds=seconds) - self._now)

    def _set(self) -> None:
        micros = (self._now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        self._monitor.execute("SELECT setval('simulation.clock', %s)", [micros])


def install(monitor: psycopg.Connection[tuple[object, ...]]) -> None:
    """Puts the simulated clock into a database; sessions see it that look there first."""
    monitor.execute(_CREATE)
