"""Send a test mail: whoever writes a text gets it as a member would, filled with examples."""

from datetime import datetime

from paidthru.kernel.errors import Refused
from paidthru.notices.operations import tell_stranger
from paidthru.notices.rules.kinds import KINDS, samples
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record


def send_test_mail(
    organization: Organization,
    kind: str,
    *,
    language: str = "",
    to: str,
    actor: Actor,
    now: datetime,
    key: str,
) -> None:
    """Puts the mail into the outbox, in today's words in a language ("" for the organization's), to `to`, the address
    of whoever asks. The same `key`, one for
    each click, is one mail. Refused `mail_kind_unknown`, `no_email`."""
    if kind not in KINDS:
        raise Refused(
            "mail_kind_unknown",
            "There is no such mail.",
            field="kind",
            value=kind,
            fix="Choose one of the list.",
        )
    if not to:
        raise Refused("no_email", "You have no e-mail address here.", fix="Ask whoever added you to add it.")

    def act() -> dict[str, str]:
        facts = samples(kind) | {"test": kind, "language": language}
        facts.pop("link")
        name = facts.pop("name")
        facts.pop("organization")
        tell_stranger(organization.id, kind, f"test {key}"[:120], facts, to=to, addressee=name, now=now)
        happening = Happening(
            "test_mail_sent", "organization", organization.id, facts={"mail": KINDS[kind].title, "email": to}
        )
        record(organization.id, actor, now, [happening])
        return {"to": to}

    once(organization.id, key, "send_test_mail", {"kind": kind, "to": to, "language": language}, now, act)
