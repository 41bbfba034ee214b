"""Keep a view: a list's filters and order under a name, for oneself or for everybody; or change how it is kept."""

from datetime import datetime
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db import transaction
from django.db.models import Q

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
    with transaction.atomic():
        # two at once: not one more, and no name twice
        Organization.objects.select_for_update(no_key=True).get(id=organization.id)
        mine = SavedView.objects.filter(organization=organization, path=path, owner=owner, name=text)
        known = mine.first()
        if known is not None and known.query == kept:
            return known
        _refuse_taken(organization, path, text, owner)
        _refuse_more(organization, path, owner)
        made = SavedView.objects.create(
            organization=organization, path=path, query=kept, name=text, owner=owner, kept_by=actor.name,
            kept_at=now,
        )  # fmt: skip
        facts = {"view": text, "list": path.strip("/"), "whose": "own" if owner else "everybody’s"}
        record(organization.id, actor, now, [Happening("view_kept", "view", made.id, facts=facts)])
        return made


def change_view(
    organization: Organization, view_id: UUID, *, name: str, owner: User | None, actor: Actor, now: datetime
) -> SavedView:
    """Gives a kept view another name, or hands it to everybody (no `owner`) or to one's own. The same once more changes
    nothing. Refused `view_unknown`, `name_missing`, `view_taken`, `views_full`."""
    text = checked_name(name, field="name", most=60)
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(id=organization.id)
        found = SavedView.objects.select_for_update().filter(id=view_id, organization=organization).first()
        if found is None:
            raise Refused(
                "view_unknown", "This view is no longer kept.", fix="Go back to the list, and keep it again."
            )
        before, owner_id = found.name, owner.id if owner else None
        if (text, owner_id) == (before, found.owner_id):
            return found
        _refuse_taken(organization, found.path, text, owner, besides=found.id)
        if owner_id != found.owner_id:
            _refuse_more(organization, found.path, owner)
        found.name, found.owner = text, owner
        found.save(update_fields=["name", "owner"])
        facts = {
            "view": text, "before": before, "list": found.path.strip("/"),
            "whose": "own" if owner else "everybody’s",
        }  # fmt: skip
        record(organization.id, actor, now, [Happening("view_changed", "view", found.id, facts=facts)])
        return found


def _refuse_taken(
    organization: Organization, path: str, name: str, owner: User | None, *, besides: UUID | None = None
) -> None:
    """Refuses `view_taken` for a name that another view of the list has which the same person would see: their own, or
    one of everybody's. Without an `owner` it is for everybody."""
    seen = SavedView.objects.filter(organization=organization, path=path, name=name)
    if owner is not None:
        seen = seen.filter(Q(owner=owner) | Q(owner=None))
    if any(view.id != besides for view in seen):
        raise Refused(
            "view_taken",
            f"There is a view “{name}” of this list already.",
            field="name",
            value=name,
            fix="Give it another name, or remove the other one first.",
        )


def _refuse_more(organization: Organization, path: str, owner: User | None) -> None:
    """Refuses `views_full` when a list has as many views of a person, or of everybody, as can be read."""
    if SavedView.objects.filter(organization=organization, path=path, owner=owner).count() >= MOST:
        raise Refused(
            "views_full",
            f"{MOST} views of this list are kept already.",
            field="name",
            fix="Remove one that isn't used any more.",
        )
