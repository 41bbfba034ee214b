"""Staff roles and what each may do (field-notes E.3). What is not listed is refused."""

from collections.abc import Iterable

ROLES = ("viewer", "front_desk", "finance", "approver", "admin", "auditor")

_FRONT_DESK = frozenset({"view", "record_payment", "send_link"})
_FINANCE = _FRONT_DESK | {
    "import",
    "renew",
    "review",
    "retrieve",
    "charge",
    "refund",
    "credit",
    "allow_attempt",
    "resolve",
    "rehearse",
    "share_view",
}

MAY: dict[str, frozenset[str]] = {
    "viewer": frozenset({"view"}),
    "auditor": frozenset({"view", "audit"}),
    "front_desk": _FRONT_DESK,
    "finance": _FINANCE,
    "approver": (_FINANCE - {"import"}) | {"submit", "post", "reverse", "approve"},
    "admin": frozenset(
        {
            "view",
            "audit",
            "manage_staff",
            "rehearse",
            "set_policy",
            "move_time",
            "connect_gateway",
            "unfreeze",
        }
    ),
}


#: What each role is for, in a sentence.
SAYS: dict[str, str] = {
    "viewer": "reads everything, changes nothing",
    "front_desk": "takes payments, and sends members their links",
    "finance": "imports, bills, charges, credits, and asks for refunds",
    "approver": "as finance, and submits runs, posts batches and approves what others asked for",
    "admin": "decides policies, connects the processor, and says who works here; moves no money",
    "auditor": "reads everything, and the audit log",
}


def may(roles: Iterable[str], act: str) -> bool:
    """True when one of the roles allows the act."""
    return any(act in MAY.get(role, frozenset()) for role in roles)
