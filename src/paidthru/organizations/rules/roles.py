"""Staff roles and what each may do (field-notes E.3). What is not listed is refused."""

from collections.abc import Iterable

ROLES = ("viewer", "front_desk", "finance", "approver", "admin", "auditor")

MAY: dict[str, frozenset[str]] = {
    "viewer": frozenset({"view"}),
    "auditor": frozenset({"view"}),
    "front_desk": frozenset({"view", "record_payment"}),
    "finance": frozenset({"view", "record_payment", "import", "renew", "review", "retrieve", "charge"}),
    "approver": frozenset(
        {"view", "record_payment", "renew", "review", "retrieve", "charge", "submit", "post"}
    ),
    "admin": frozenset({"view", "set_policy", "move_time"}),
}


def may(roles: Iterable[str], act: str) -> bool:
    """True when one of the roles allows the act."""
    return any(act in MAY.get(role, frozenset()) for role in roles)
