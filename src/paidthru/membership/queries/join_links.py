"""Questions about joining by link (P-26)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from paidthru.kernel.errors import Refused
from paidthru.membership.models import JoinLink, Membership, SignUp
from paidthru.payments.queries.links import hash_of
from paidthru.people.models import Party


def join_links_of(plan_id: UUID) -> list[JoinLink]:
    """A plan's links, the newest first."""
    return list(JoinLink.objects.filter(plan_id=plan_id).order_by("-id"))


def join_link(token: str) -> JoinLink | None:
    """The link of a token, with its plan and organization."""
    return JoinLink.objects.select_related("plan", "organization").filter(token=token).first()


def refuse_unusable(link: JoinLink, *, on: date) -> None:
    """Refuses a link that takes nobody on the local date: `join_link_off`, `join_link_expired`, `plan_closed`."""
    ask = "Ask the organization for another link."
    if not link.enabled:
        raise Refused("join_link_off", "This link has been switched off.", field="link", fix=ask)
    if link.expires_on is not None and link.expires_on < on:
        raise Refused("join_link_expired", "This link has expired.", field="link", fix=ask)
    if link.plan.closed:
        raise Refused(
            "plan_closed",
            f"{link.plan.name} takes no new members.",
            field="plan",
            value=link.plan.name,
            fix=ask,
        )


def sign_up_by(token: str) -> SignUp | None:
    """The sign-up whose mailed way has this token, with its link, plan and organization."""
    found = SignUp.objects.select_related("link__plan", "organization", "party", "membership")
    return found.filter(token_hash=hash_of(token)).first()


@dataclass(frozen=True, slots=True)
class AskedLately:
    """How many asked to join an organization within the last hour: through one link, from one place, with one e-mail
    address."""

    link: int
    place: int
    email: int


def asked_lately(link: JoinLink, *, place: str, email: str) -> AskedLately:
    """Counted by the database's clock: an organization's own may stand still."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FILTER (WHERE link_id = %s), count(*) FILTER (WHERE place = %s),
                      count(*) FILTER (WHERE lower(email) = lower(%s))
               FROM membership_signup
               WHERE organization_id = %s AND counted_at > clock_timestamp() - interval '1 hour'""",
            [link.id, place, email, link.organization_id],
        )
        return AskedLately(*(int(count) for count in cursor.fetchone()))


def stale_sign_ups(organization_id: UUID, *, before: datetime) -> list[UUID]:
    """Sign-ups of which nothing came, asked for before an instant."""
    found = SignUp.objects.filter(organization_id=organization_id, asked_at__lt=before, party=None)
    return list(found.values_list("id", flat=True)[:500])


def members_at(organization_id: UUID, email: str) -> list[Membership]:
    """The present memberships of the people with an e-mail address, however it is written."""
    found = Membership.objects.filter(organization_id=organization_id, party__email__iexact=email)
    return list(found.exclude(state="ended").select_related("party", "plan", "organization").order_by("id"))


def same_person(organization_id: UUID, *, name: str, email: str) -> Party | None:
    """Somebody known by this name at this address: who has no membership now, and comes back or never had one, before
    who has one."""
    found = Party.objects.filter(organization_id=organization_id, email__iexact=email, name__iexact=name)
    members = Membership.objects.exclude(state="ended").filter(organization_id=organization_id)
    free = found.exclude(id__in=members.values("party_id")).order_by("number").first()
    return free or found.order_by("number").first()
