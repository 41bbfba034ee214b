"""Where the objects are kept: a table a kind, in the order they were made, with pages as Stripe's lists have them."""

from collections.abc import Iterator
from typing import Any

from tests.stripe_stand_in.errors import Json, invalid, missing
from tests.stripe_stand_in.forms import whole

#: kind → the prefix of its ids, the words of its 404, its list's URL
KINDS = {
    "customer": ("cus", "customer", "/v1/customers"),
    "payment_method": ("pm", "PaymentMethod", "/v1/payment_methods"),
    "mandate": ("mandate", "mandate", "/v1/mandates"),
    "setup_intent": ("seti", "setupintent", "/v1/setup_intents"),
    "checkout.session": ("cs", "checkout.session", "/v1/checkout/sessions"),
    "payment_intent": ("pi", "payment_intent", "/v1/payment_intents"),
    "charge": ("ch", "charge", "/v1/charges"),
    "refund": ("re", "refund", "/v1/refunds"),
    "dispute": ("du", "dispute", "/v1/disputes"),
    "balance_transaction": ("txn", "balance transaction", "/v1/balance_transactions"),
    "payout": ("po", "payout", "/v1/payouts"),
    "event": ("evt", "event", "/v1/events"),
}
#: Fields by which a list may be narrowed quickly; they never change once set.
INDEXED = ("payment_intent", "charge", "payout", "source")


class Table:
    """All objects of a kind, of both modes. What it hands out is the object itself, for the routes to change."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._words, self.url = KINDS[kind][1:]
        self._objects: dict[str, Json] = {}
        self._live: dict[str, bool] = {}
        self._order: list[str] = []
        self._place: dict[str, int] = {}
        self._index: dict[tuple[str, str], list[str]] = {}

    def add(self, obj: Json, *, livemode: bool) -> Json:
        id_ = obj["id"]
        self._place[id_] = len(self._order)
        self._order.append(id_)
        self._objects[id_] = obj
        self._live[id_] = livemode
        for field in INDEXED:
            if isinstance(obj.get(field), str):
                self.note(field, obj[field], id_)
        return obj

    def note(self, field: str, value: str, id_: str) -> None:
        """Lets the object be found by a field that was set after it was made, or is not shown."""
        self._index.setdefault((field, value), []).append(id_)

    def find(self, id_: str, *, livemode: bool, param: str = "id") -> Json:
        """Raises Stripe's 404, which tells when the other mode has it."""
        if id_ not in self._objects:
            raise missing(self._words, id_, param=param)
        if self._live[id_] != livemode:
            raise missing(self._words, id_, param=param, other_mode="live" if self._live[id_] else "test")
        return self._objects[id_]

    def get(self, id_: str) -> Json | None:
        return self._objects.get(id_)

    def is_live(self, id_: str) -> bool:
        return self._live[id_]

    def all(self) -> Iterator[Json]:
        """Oldest first."""
        for id_ in self._order:
            yield self._objects[id_]

    def by(self, field: str, value: str) -> list[Json]:
        """Oldest first, by an indexed field."""
        return [self._objects[id_] for id_ in self._index.get((field, value), [])]

    def page(self, params: Json, *, livemode: bool, **equal: Any) -> Json:
        """A list object, newest first: `limit`, `starting_after`, `ending_before`, `created[gte]` and its like.

        `equal`: fields that have to have these values, None for any.
        """
        limit = whole(params, "limit", least=1) or 10
        if limit > 100:
            raise invalid("This value must be less than or equal to 100.", param="limit")
        wanted = {name: value for name, value in equal.items() if value is not None}
        ids = self._narrowed(wanted)
        after, before = params.get("starting_after"), params.get("ending_before")
        for cursor, param in ((after, "starting_after"), (before, "ending_before")):
            if cursor:
                self.find(cursor, livemode=livemode, param=param)
        if before:
            least = self._place[before]
            found = self._take([i for i in ids if self._place[i] > least], params, livemode, wanted, limit)
            found.reverse()
        else:
            most = self._place[after] if after else len(self._order)
            if len(ids) == len(self._order):
                newest = (ids[place] for place in range(most - 1, -1, -1))
                found = self._take(newest, params, livemode, wanted, limit)
            else:
                found = self._take(
                    [i for i in reversed(ids) if self._place[i] < most], params, livemode, wanted, limit
                )
        more = len(found) > limit
        shown = (found[1:] if before else found[:limit]) if more else found
        return {"object": "list", "data": shown, "has_more": more, "url": self.url}

    def _narrowed(self, wanted: Json) -> list[str]:
        for field in INDEXED:
            if field in wanted:
                return self._index.get((field, wanted.pop(field)), [])
        return self._order

    def _take(self, ids: Any, params: Json, livemode: bool, wanted: Json, limit: int) -> list[Json]:
        """Up to one more than the limit."""
        found: list[Json] = []
        for id_ in ids:
            obj = self._objects[id_]
            if self._live[id_] != livemode or not _within(obj, params):
                continue
            if all(obj.get(field) == value for field, value in wanted.items()):
                found.append(obj)
                if len(found) > limit:
                    break
        return found


def _within(obj: Json, params: Json) -> bool:
    """`created` is an instant or a range of gt, gte, lt, lte."""
    for field in ("created", "arrival_date"):
        said = params.get(field)
        if said is None or field not in obj:
            continue
        made = obj[field]
        if not isinstance(said, dict):
            said = {"gte": said, "lte": said}
        checks = {
            "gt": made > (whole(said, "gt") or 0) if "gt" in said else True,
            "gte": made >= (whole(said, "gte") or 0) if "gte" in said else True,
            "lt": made < (whole(said, "lt") or 0) if "lt" in said else True,
            "lte": made <= (whole(said, "lte") or 0) if "lte" in said else True,
        }
        if not all(checks.values()):
            return False
    return True
