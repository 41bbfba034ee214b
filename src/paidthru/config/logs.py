"""Log lines without personal data."""

import logging


class WithoutDetails(logging.Formatter):
    """Leaves out the lines in which PostgreSQL quotes the row it refused (`DETAIL: Key (email)=(…)`)."""

    def format(self, record: logging.LogRecord) -> str:
        """As logging does it, minus DETAIL, CONTEXT and the quoted statement."""
        quoting = ("DETAIL:", "CONTEXT:", "LINE ")
        kept = (line for line in super().format(record).splitlines() if not line.lstrip().startswith(quoting))
        return "\n".join(kept)
