"""Search of payment intents: /v1/payment_intents/search, behind by `search_lag` seconds, as at Stripe.

Of the query language: clauses joined by AND; `field:"value"`, `metadata["key"]:"value"`, `created>n` and its like.
"""

import re

from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.errors import Json, invalid
from tests.stripe_stand_in.forms import required, whole

_CLAUSE = re.compile(r"""^(\w+)(?:\[["'](.+?)["']\])?\s*(:|[<>]=?)\s*["']?(.*?)["']?$""")


def intents(account: Account, call: Call) -> Json:
    """Only what had been made before the lag is found; a page number serves as the next page's name."""
    clauses = [_clause(part.strip()) for part in re.split(r"\s+AND\s+", required(call.params, "query"))]
    limit = whole(call.params, "limit", least=1) or 10
    first = int(call.params.get("page") or 0)
    until = account.clock.now() - account.settings.search_lag
    found = [
        intent
        for intent in account.table("payment_intent").all()
        if intent["livemode"] == call.livemode
        and intent["created"] <= until
        and all(_fits(intent, *clause) for clause in clauses)
    ]
    found.reverse()
    more = first + limit < len(found)
    return {
        "object": "search_result",
        "data": found[first : first + limit],
        "has_more": more,
        "next_page": str(first + limit) if more else None,
        "url": "/v1/payment_intents/search",
    }


def _clause(text: str) -> tuple[str, str | None, str, str]:
    match = _CLAUSE.match(text)
    if match is None:
        raise invalid("We were unable to parse your search query.", param="query")
    return match[1], match[2], match[3], match[4]


def _fits(intent: Json, name: str, key: str | None, sign: str, value: str) -> bool:
    held = intent.get(name)
    if key is not None:
        held = (held or {}).get(key)
    if sign == ":":
        return str(held) == value
    if not isinstance(held, int):
        return False
    bound = int(value)
    return {"<": held < bound, "<=": held <= bound, ">": held > bound, ">=": held >= bound}[sign]
