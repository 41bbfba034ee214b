"""Where the database is: DATABASE_URL when it is set, else the embedded server's socket."""

import os
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from paidthru.config import home
from paidthru.kernel.errors import Refused

NAME = "paidthru"  # of the embedded server's database, and of its only role


def named_url() -> str | None:
    """DATABASE_URL, or None when the embedded server is to be used."""
    return os.environ.get("DATABASE_URL") or None


def parameters() -> dict[str, Any]:
    """libpq's connection parameters (host, dbname, user …). Starts nothing.

    Raises Refused('database_url_invalid') when DATABASE_URL is no PostgreSQL address.
    """
    url = named_url()
    if url is None:
        return {"host": str(home.socket_folder(home.home())), "dbname": NAME, "user": NAME}
    fix = (
        "Write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE, or unset it to use the embedded database."
    )
    try:
        found = dict(conninfo_to_dict(url))
    except ProgrammingError as broken:  # its message may hold the password, so it is not passed on
        raise Refused(
            "database_url_invalid", "DATABASE_URL is not a PostgreSQL address.", fix=fix
        ) from broken
    if not found.get("dbname"):
        raise Refused("database_url_invalid", "DATABASE_URL names no database.", fix=fix)
    return found


def django_settings() -> dict[str, Any]:
    """The `default` entry of Django's DATABASES."""
    found = parameters()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": found.pop("dbname"),
        "USER": found.pop("user", ""),
        "PASSWORD": found.pop("password", ""),
        "HOST": found.pop("host", ""),
        "PORT": found.pop("port", ""),
        "OPTIONS": found,
        "ATOMIC_REQUESTS": False,  # an action opens its own transaction, and none may span a call to a gateway
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }
