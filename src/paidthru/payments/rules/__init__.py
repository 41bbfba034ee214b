"""Rules of the payments room: pure, no database, no clock, no gateway call."""
