"""The top floor: how a Paidthru process is put together.

Knows Django's settings, the embedded PostgreSQL, backup and restore, and the `paidthru` program itself.
Holds no business: everything below works the same whoever started it.
"""
