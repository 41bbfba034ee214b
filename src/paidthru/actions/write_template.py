"""Write a template: an organization's own words for a kind of mail, or back to the standard ones (A-52)."""

from datetime import datetime

from paidthru.dunning.operations import adopt_texts
from paidthru.kernel.errors import Refused
from paidthru.notices.models import TemplateText
from paidthru.notices.rules.catalogue import allowed, needed
from paidthru.notices.rules.kinds import KINDS
from paidthru.notices.rules.rendering import refuse_unfit
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record


def write_template(
    organization: Organization,
    kind: str,
    language: str,
    *,
    subject: str,
    body: str,
    seen: int,
    adopt: bool = False,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> int:
    """Makes a new version of the words of a kind of mail; returns its number. Both texts empty: the standard words from
    now on. `seen` is the number of the version that was read (0: none). Mails that were written before keep their
    words, and so do open cases, unless `adopt`: then those go on with all of today's.

    Refused `mail_kind_unknown`, `template_changed` (somebody was quicker), and as `refuse_unfit`.
    """
    if kind not in KINDS:
        raise Refused(
            "mail_kind_unknown",
            "There is no such mail.",
            field="kind",
            value=kind,
            fix="Choose one of the list.",
        )
    body, subject = body.replace("\r\n", "\n").strip(), subject.strip()
    if subject or body:
        refuse_unfit(subject, body, allowed=allowed(kind), needed=needed(kind))

    def act() -> dict[str, int]:
        Organization.objects.select_for_update().get(id=organization.id)  # one after the other
        found = TemplateText.objects.filter(organization=organization, kind=kind, language=language)
        last = found.order_by("-number").first()
        number = last.number if last else 0
        if number != seen:
            raise Refused(
                "template_changed",
                f"{last.made_by if last else 'Somebody'} has changed this text since you read it.",
                field="body",
                fix="Read it again, then change it.",
            )
        if (last.subject, last.body.strip()) == (subject, body) if last else not body:
            return {"number": number}
        TemplateText.objects.create(
            organization=organization,
            kind=kind,
            language=language,
            number=number + 1,
            subject=subject,
            body=f"{body}\n" if body else "",
            made_at=now,
            made_by=actor.name[:200],
        )
        cases = adopt_texts(organization.id, at=now) if adopt and KINDS[kind].of_case else []
        verb = "template_written" if body else "template_reset"
        facts = {"mail": KINDS[kind].title, "version": number + 1, "cases": len(cases), "subject": subject}
        happenings = [Happening(verb, "organization", organization.id, facts=facts)]
        happenings += [Happening("texts_adopted", "case", case.id, case.party_id) for case in cases]
        record(organization.id, actor, now, happenings)
        return {"number": number + 1}

    inputs = {"kind": kind, "language": language, "subject": subject, "body": body, "adopt": adopt}
    return int(once(organization.id, key, "write_template", inputs, now, act)["number"])
