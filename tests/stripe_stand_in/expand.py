"""`expand[]`: an id in a reply is replaced by the object that it names."""

import copy
from typing import Any

from tests.stripe_stand_in.account import Account
from tests.stripe_stand_in.errors import Json, invalid


def expanded(account: Account, reply: Json, params: Json) -> Json:
    """A copy of the reply with the named fields expanded; `data.` goes into the entries of a list. Raises 400 for a
    field that is not there."""
    shown = copy.deepcopy(reply)
    paths = params.get("expand") or []
    for path in [paths] if isinstance(paths, str) else paths:
        _expand(account, shown, path.split("."), path)
    return shown


def _expand(account: Account, place: Any, parts: list[str], path: str) -> None:
    if isinstance(place, list):
        for entry in place:
            _expand(account, entry, parts, path)
        return
    name, rest = parts[0], parts[1:]
    if name == "refunds" and place.get("object") == "charge":
        page = account.table("refund").page({}, livemode=place["livemode"], charge=place["id"])
        place["refunds"] = copy.deepcopy(page)
    if name not in place:
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    if place[name] is None:
        return
    if isinstance(place[name], str):
        try:
            place[name] = copy.deepcopy(account.find(place[name]))
        except KeyError:
            raise invalid(f"This property cannot be expanded ({path}).", param="expand") from None
    if rest:
        _expand(account, place[name], rest, path)
