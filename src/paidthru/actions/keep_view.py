"""Keep a view: a list's filters and order under a name, for oneself or for everybody in the organization."""

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction

from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.organizations.models import Organization, SavedView, User
from paidthru.timeline.operations import Actor, Happening, record

MOST = 20  # of a list, one person's own and those for everybody each
MOST_QUERY = 1000
_PLACES = frozenset({"after", "before", "export", "from_view"})


def kept_query(query: str) -> str:
    """What of an address's query a view keeps: filters and order, not the place in the list."""
    return urlencode([(name, value) for name, value in parse_qsl(query) if name not in _PLACES])


def keep_view(
    organization: Organization,
    *,
    path: str,
    query: str,
    name: str,
    owner: User | None,
    actor: Actor,
    now: datetime,
) -> SavedView:
    """Keeps the list at `path` (below the organization's address) with `query` under a name; without an `owner` for
    everybody. The same once more changes nothing.

    Refused: `name_missing`, `view_empty`, `view_too_long`, `view_taken`, `views_full`.
    """
    text, kept = checked_name(name, field="name", most=60), kept_query(query)
    if not kept:
        raise Refused(
            "view_empty",
            "The list isn't narrowed or sorted.",
            field="query",
            fix="Set a filter or an order first, then keep it.",
        )
    if len(kept) > MOST_QUERY:
        raise Refused(
            "view_too_long", "These filters are too long to be kept.", field="query", fix="Use fewer."
        )
    mine = SavedView.objects.filter(organization=organization, path=path, owner=owner)
    try:
        with transaction.atomic():
            Organization.objects.select_for_update(no_key=True).get(
                id=organization.id
            )  # two at once: not one more
            known = mine.filter(name=text).first()
            if known is not None and known.query == kept:
                return known
            if known is None and mine.count() >= MOST:
                raise Refused(
                    "views_full",
                    f"{MOST} views of this list are kept already.",
                    field="name",
                    fix="Remove one that isn't used any more.",
                )
            made = SavedView.objects.create(
                organization=organization, path=path, query=kept, name=text, owner=owner, kept_by=actor.name,
                kept_at=now,
            )  # fmt: skip
            facts = {"view": text, "list": path.strip("/"), "whose": "own" if owner else "everybody’s"}
            record(organization.id, actor, now, [Happening("view_kept", "view", made.id, facts=facts)])
            return made
    except IntegrityError as error:
        raise Refused(
            "view_taken",
            f"There is a view “{text}” of this list already.",
            field="name",
            value=text,
            fix="Give it another name, or remove the other one first.",
        ) from error
