"""The log of events: /v1/events, thirty days back. They are written by Account.emit."""

from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.clock import DAY
from tests.stripe_stand_in.errors import Json, missing
from tests.stripe_stand_in.forms import whole

KEPT = 30 * DAY


def retrieve(account: Account, call: Call, id_: str) -> Json:
    event = account.table("event").find(id_, livemode=call.livemode)
    if event["created"] < account.clock.now() - KEPT:
        raise missing("event", id_, param="id")
    return event


def list_(account: Account, call: Call) -> Json:
    """Newest first; `type` (with `*` at its end) or `types`."""
    params = dict(call.params)
    oldest = account.clock.now() - KEPT
    created = params.get("created")
    if created is None:
        params["created"] = {"gte": str(oldest)}
    elif isinstance(created, dict):
        params["created"] = created | {"gte": str(max(oldest, whole(created, "gte") or 0))}
    types = params.get("types") or ([params["type"]] if params.get("type") else [])
    if not types:
        return account.table("event").page(params, livemode=call.livemode)
    if len(types) == 1 and not types[0].endswith("*"):
        return account.table("event").page(params, livemode=call.livemode, type=types[0])
    return _filtered(account, call, params, types)


def _filtered(account: Account, call: Call, params: Json, types: list[str]) -> Json:
    """Pages are gone through until there is enough of these types."""
    limit = whole(params, "limit", least=1) or 10
    found: list[Json] = []
    page: Json = {"has_more": True}
    while page["has_more"] and len(found) <= limit:
        page = account.table("event").page(params | {"limit": "100"}, livemode=call.livemode)
        found += [event for event in page["data"] if any(_is(event["type"], type_) for type_ in types)]
        if page["data"]:
            params["starting_after"] = page["data"][-1]["id"]
    return {"object": "list", "data": found[:limit], "has_more": len(found) > limit, "url": "/v1/events"}


def _is(type_: str, asked: str) -> bool:
    return type_ == asked or (asked.endswith("*") and type_.startswith(asked[:-1]))
