"""Rules of the people room: pure."""
