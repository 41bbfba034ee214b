"""Ask to join: somebody gives name and e-mail address at a join link, and the way on is mailed to them (P-26)."""

from datetime import datetime, timedelta
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_email, checked_name
from paidthru.membership.models import JoinLink, SignUp
from paidthru.membership.queries.join_links import asked_lately, refuse_unusable, stale_sign_ups
from paidthru.notices.operations import tell_stranger
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record

PER_LINK, PER_PLACE, PER_ADDRESS = (
    120,
    12,
    4,
)  # in an hour: a crowd at a launch, a shared connection, a slip or two
KEPT = timedelta(days=30)


def ask_to_join(
    organization: Organization,
    link_id: UUID,
    *,
    name: str,
    email: str,
    place: str,
    key: str,
    consent: str,
    now: datetime,
    code: str = "",
    language: str = "",
) -> UUID:
    """Notes the sign-up and puts its mail into the outbox; returns its id. Whether the address is known makes no
    difference here, so that nobody learns it. The same `key`, one a form, is one sign-up and one mail.

    `place` stands for where the request came from, `consent` is what was agreed to, in the words that were shown,
    `code` the discount's that was given with it (it is kept with what was agreed to), `language` the code of the
    language in which the page was read: they are written to in it.
    Refused `name_missing`, `text_too_long`, `text_invalid`, `email_invalid`, `too_many_sign_ups`, and as
    `refuse_unusable`.
    """
    name, email = checked_name(name, field="name", most=200), checked_email(email)

    def act() -> dict[str, str]:
        link = JoinLink.objects.select_related("plan").get(id=link_id, organization=organization)
        refuse_unusable(link, on=local_date(now, organization.zone))
        lately = asked_lately(link, place=place, email=email)
        if lately.link >= PER_LINK or lately.place >= PER_PLACE or lately.email >= PER_ADDRESS:
            raise Refused(
                "too_many_sign_ups",
                "Too many sign-ups came in a short time.",
                field="link",
                fix="Try again in an hour; a mail that was sent already still works.",
            )
        SignUp.objects.filter(id__in=stale_sign_ups(organization.id, before=now - KEPT)).delete()
        made = SignUp.objects.create(
            organization=organization, link=link, key=key, name=name, email=email, place=place,
            language=language, asked_at=now,
        )  # fmt: skip
        facts = {"sign_up": str(made.id), "plan": link.plan.name} | (
            {"language": language} if language else {}
        )
        tell_stranger(
            organization.id, "sign_up", f"sign_up {made.id}", facts, to=email, addressee=name, now=now
        )
        told = {"plan": link.plan.name, "consent": consent} | ({"code": code} if code else {})
        happening = Happening("asked_to_join", "sign_up", made.id, facts=told)
        record(organization.id, Actor("visitor", name), now, [happening])
        return {"sign_up": str(made.id)}

    inputs = {"link": link_id, "name": name, "email": email} | ({"code": code} if code else {})
    return UUID(once(organization.id, f"join {link_id} {key}", "ask_to_join", inputs, now, act)["sign_up"])
