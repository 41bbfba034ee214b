"""The kept views of a list, as they stand above it."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from paidthru.actions.keep_view import kept_query
from paidthru.organizations.models import Organization, SavedView, User


@dataclass(frozen=True, slots=True)
class KeptView:
    """One of them: its name and address; `current` where it is what is shown. The addresses at which it is changed and
    removed are "" for who may not."""

    name: str
    href: str
    current: bool
    shared: bool
    change_url: str
    drop_url: str


@dataclass(frozen=True, slots=True)
class KeptViews:
    """Those of one list, and what a form needs to keep the present one (`query` "": nothing to keep)."""

    views: tuple[KeptView, ...]
    keep_url: str
    path: str
    query: str
    may_share: bool

    @property
    def is_kept(self) -> bool:
        """Whether what is shown is one of them."""
        return any(view.current for view in self.views)


def kept_views(
    organization: Organization, user: User, *, base: str, path: str, query: str, may_share: bool
) -> KeptViews:
    """What is kept of the list at `path` below `base`, for a person: their own, and everybody's."""
    now = kept_query(query)
    rows = SavedView.objects.filter(Q(owner=user) | Q(owner=None), organization=organization, path=path)
    views = tuple(
        KeptView(
            row.name,
            f"{base}{path}?{row.query}",
            row.query == now,
            row.owner_id is None,
            *(
                f"{base}views/{row.id}/{way}/" if row.owner_id or may_share else ""
                for way in ("change", "drop")
            ),
        )
        for row in rows.order_by("name", "id")
    )
    return KeptViews(views, f"{base}views/keep/", path, now, may_share)


def is_list(path: str) -> bool:
    """Whether a text is the path of a list of ours, and no address that leads elsewhere."""
    return (
        bool(path)
        and len(path) <= 200
        and path.endswith("/")
        and not path.startswith("/")
        and ".." not in path
    )


def view_of(organization: Organization, user: User, view_id: UUID) -> SavedView | None:
    """A view that somebody can see."""
    return SavedView.objects.filter(
        Q(owner=user) | Q(owner=None), id=view_id, organization=organization
    ).first()
