"""Who may see and do what in the console: every page names the act that it needs; what isn't allowed is refused.

An organization in which the user has no role doesn't exist for them: 404, not 403. A role that lacks the act gets a
403 that says which roles have it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ClassVar, Concatenate, ParamSpec, Protocol

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from paidthru import __version__
from paidthru.faces.console.entering import actor_of, here_is, is_strong
from paidthru.faces.console.kept_views import KeptViews, kept_views
from paidthru.faces.console.pages import problem_of
from paidthru.faces.console.parts import Link, ListPage
from paidthru.faces.console.shell import Banner, NavGroup, Shell, TimeBar, navigation
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Plan
from paidthru.membership.queries import next_due
from paidthru.organizations.models import Organization, User
from paidthru.organizations.queries import (
    frozen_why,
    organizations_of,
    original_of,
    own_words,
    policies_of,
    roles_in,
)
from paidthru.organizations.rules.roles import MAY, may
from paidthru.organizations.rules.vocabulary import Words, menu_words
from paidthru.people.models import Unit
from paidthru.runs import Desk
from paidthru.timeline.operations import Actor, Happening, record
from paidthru.visits.queries import prices_of
from paidthru.wiring import desk_for

P = ParamSpec("P")


class Page(Protocol):
    """A page as plain data, which names its template."""

    template: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in person at an organization's desk, for one request."""

    request: HttpRequest
    user: User
    organization: Organization
    desk: Desk
    roles: frozenset[str]

    @property
    def actor(self) -> Actor:
        """The person as they stand in the timeline."""
        return actor_of(self.user)

    def may(self, act: str) -> bool:
        """Whether their roles here allow the act. Who works here is said in the original, not in its copies."""
        if act == "manage_staff" and self.organization.forked_from is not None:
            return False
        return may(self.roles, act)

    @property
    def takes_cards(self) -> bool:
        """Whether a processor is connected, at which members can save a way to pay."""
        return self.desk.gateway.capabilities.online

    @property
    def bills_homes(self) -> bool:
        """Whether homes are billed here instead of people (`billing.subject`, A-29)."""
        return policies_of(self.organization).word("billing.subject") == "unit"

    @property
    def words(self) -> Words:
        """What this organization calls things."""
        return own_words(self.organization)

    def note_taken_along(self) -> None:
        """That a list was taken along as a file stands in the audit log (field-notes E.5): what was taken of a copy, in
        the original's."""
        path = self.request.path.removeprefix(self.url())
        facts = {"list": path.strip("/") or "home", "asked": self.request.GET.urlencode()[:300]}
        of = original_of(self.organization)
        if of != self.organization:
            facts["copy"] = self.organization.name
        told = [Happening("taken_along", "organization", of.id, facts=facts)]
        record(of.id, self.actor, desk_for(of).clock.now(), told)

    def must(self, act: str) -> None:
        """Refuses a person whose roles here do not allow the act (403), and says which roles do."""
        if not self.may(act):
            if may(self.roles, act):
                raise PermissionDenied(
                    "This is a copy, made for a rehearsal. Do it in the organization itself."
                )
            able = [role.replace("_", " ") for role in MAY if act in MAY[role]]
            yours = [role.replace("_", " ") for role in MAY if role in self.roles]
            raise PermissionDenied(
                f"This needs the role {_either(able)} in {self.organization.name}; yours there"
                f" {'are' if len(yours) > 1 else 'is'} {' and '.join(yours)}."
            )

    def url(self, path: str = "") -> str:
        """An address of this organization's console."""
        return f"/o/{self.organization.slug}/{path}"

    def page(self, page: Page, current: str = "", status: int = 200) -> HttpResponse:
        """The page in its frame; `current` is its key in the navigation."""
        context = {"shell": _shell(self, current), "page": page}
        if isinstance(page, ListPage) and page.filters:
            context["kept"] = self._kept()
        return render(self.request, page.template, context, status=status)

    def _kept(self) -> KeptViews:
        request = self.request
        return kept_views(
            self.organization, self.user, base=self.url(), path=request.path.removeprefix(self.url()),
            query=request.GET.urlencode(), may_share=self.may("share_view"),
        )  # fmt: skip

    def part(self, template: str, page: object) -> HttpResponse:
        """A part of a page by itself, for htmx."""
        return render(self.request, template, {"shell": _shell(self, ""), "page": page})


def _either(named: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))


_PAGES = {
    "home": ("", "view"),
    "overview": ("overview/", "view"),
    "dues": ("dues/", "view"),
    "members": ("members/", "view"),
    "homes": ("homes/", "view"),
    "levies": ("homes/levies/", "view"),
    "visits": ("visits/", "view"),
    "events": ("events/", "view"),
    "campaigns": ("campaigns/", "view"),
    "donations": ("donations/", "view"),
    "plans": ("plans/", "view"),
    "import": ("import/", "import"),
    "generate": ("renewals/generate/", "renew"),
    "logs": ("renewals/", "view"),
    "review": ("renewals/review/", "view"),
    "submit": ("renewals/submit/", "view"),
    "retrieve": ("renewals/retrieve/", "view"),
    "pending": ("renewals/pending/", "view"),
    "invoices": ("invoices/", "view"),
    "payments": ("payments/", "view"),
    "refunds": ("refunds/", "view"),
    "failures": ("failures/", "view"),
    "returns": ("returns/", "view"),
    "settlement": ("settlement/", "view"),
    "batches": ("batches/", "view"),
    "ages": ("unpaid/", "view"),
    "journal": ("journal/", "view"),
    "trial_balance": ("trial-balance/", "view"),
    "taxes": ("taxes/", "view"),
    "exports": ("exports/", "view"),
    "closing": ("closing/", "view"),
    "audit": ("audit/", "audit"),
    "rehearsals": ("rehearsals/", "view"),
    "settings": ("settings/", "view"),
}


_OF_PLANS = (
    "dues",
    "plans",
    "generate",
    "logs",
    "review",
)  # of no use where homes are billed and there is no plan


def menu_of(visit: Visit, current: str = "") -> tuple[NavGroup, ...]:
    """The pages that the person may see and that this organization has any use for."""
    organization = visit.organization
    has_plans = visit.bills_homes and Plan.objects.filter(organization=organization).exists()

    def url(key: str) -> str | None:
        path, act = _PAGES.get(key, ("", ""))
        if (key in ("homes", "levies") and not _has_homes(visit)) or (
            key == "visits" and not _has_visits(visit)
        ):
            return None
        if key in ("campaigns", "donations") and policies_of(organization).word("giving") == "off":
            return None
        if key in _OF_PLANS and visit.bills_homes and not has_plans:
            return None
        return visit.url(path) if act and visit.may(act) else None

    return navigation(url, current, words=menu_words(visit.words))


def _shell(visit: Visit, current: str) -> Shell:
    organization = visit.organization
    here = visit.request.get_full_path()
    timebar = None
    if organization.is_sandbox:
        moves = visit.may("move_time") and organization.forked_from is None
        due = next_due(organization.id) if moves else None
        ahead = due if due is not None and due > visit.desk.today else None
        timebar = TimeBar(visit.desk.today, visit.url("time/") if moves else "", ahead, here)
    return Shell(
        organization=organization.name,
        organizations=tuple(
            Link(other.name, f"/o/{other.slug}/")
            for other in organizations_of(visit.user)
            if other != organization
        ),
        home_url=visit.url(),
        navigation=menu_of(visit, current),
        search_url=visit.url("search/"),
        searched=visit.request.GET.get("q", "") if current == "search" else "",
        user=visit.user.name or visit.user.email,
        account_url=visit.url("your-sign-in/"),
        sign_out_url="/sign-out/",
        zone=organization.zone,
        locale=organization.locale.replace("_", "-"),
        version=__version__,
        timebar=timebar,
        banner=_frozen(visit),
    )


def _has_homes(visit: Visit) -> bool:
    """Whether homes are billed here, or were (`billing.subject`)."""
    return (
        policies_of(visit.organization).word("billing.subject") != "member"
        or Unit.objects.filter(organization=visit.organization).exists()
    )


def _has_visits(visit: Visit) -> bool:
    """Whether visits are recorded here, or would be (C-26)."""
    organization = visit.organization
    return organization.preset in ("community", "coworking") or bool(prices_of(organization.id))


def _frozen(visit: Visit) -> Banner | None:
    """That nothing live is charged or refunded here; a sandbox isn't held by it (field-notes C.10). Of a copy, what it
    is."""
    if visit.organization.forked_from is not None:
        original = Organization.objects.filter(id=visit.organization.forked_from).first()
        way = f"/o/{original.slug}/rehearsals/" if original else "/"
        return Banner(
            "This is a copy, made for a rehearsal: nothing here is real.", way, "Back to the rehearsals"
        )
    why = None if visit.organization.is_sandbox else frozen_why()
    if why is None:
        return None
    return Banner(f"Charging is frozen. {why}", visit.url("freeze/"), "What now?")


View = Callable[Concatenate[Visit, P], HttpResponseBase]


def staff_page(
    act: str, *, before_second_factor: bool = False
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]]:
    """A console page of an organization (its slug comes first in the address) for roles that allow `act`.

    Where staff must have a second factor (`staff.second_factor`), whoever has none is led to set it up; only pages
    `before_second_factor` are open to them until then.

    A Refused that the view lets through becomes an error page that says what, where and the way out.
    """

    def wrap(view: View[P]) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user = request.user
            assert isinstance(user, User)  # login_required
            organization = Organization.objects.filter(slug=slug).first()
            roles = roles_in(user, organization.id) if organization else frozenset()
            if organization is None or not roles:
                raise Http404
            visit = Visit(request, user, organization, desk_for(organization), roles)
            here_is(request, user)
            if (
                not before_second_factor
                and policies_of(original_of(organization)).word("staff.second_factor") == "on"
                and not is_strong(request)
            ):
                return redirect(visit.url("your-sign-in/"))
            visit.must(act)
            try:
                answer = view(visit, *args, **kwargs)
            except Refused as refused:
                return visit.page(problem_of(refused), status=409)
            if answer.streaming and answer.get("Content-Disposition", "").startswith("attachment"):
                visit.note_taken_along()
            return answer

        return guarded  # type: ignore[return-value]  # wraps() keeps the type of what it wraps

    return wrap
