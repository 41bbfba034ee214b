"""What a story expects of the mail, as text on both sides."""

from collections import Counter
from collections.abc import Mapping

from paidthru.timeline.queries import messages_to

from .expectation_forms import MailTo, NoMailTo
from .telling import Telling

#: Stories have one word for a renewal's notice, be it ahead of it or with the bill.
_CALLED = {"renewal_ahead": "renewal_notice"}


def mail(telling: Telling, line: MailTo) -> tuple[str, str]:
    """The kinds that are named, each with how often it came. What else came is not asked about."""
    came = _mails(telling, line.member)
    return _said({one.kind: one.count for one in line.mails}), _said(
        {one.kind: came[one.kind] for one in line.mails}
    )


def no_mail(telling: Telling, line: NoMailTo) -> tuple[str, str]:
    """Nothing, and what came."""
    return _said({}), _said(_mails(telling, line.member))


def _mails(telling: Telling, member: str) -> Counter[str]:
    came = messages_to(telling.party(member).id, after=telling.mail_read)
    return Counter(_CALLED.get(one.kind, one.kind) for one in came if one.state != "dropped")


def _said(kinds: Mapping[str, int]) -> str:
    counted = [
        f"{kind} {times} times" if times > 1 else kind for kind, times in sorted(kinds.items()) if times
    ]
    return ", ".join(counted) or "no mail"
