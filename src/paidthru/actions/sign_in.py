"""Sign in: a browser is somebody's from now on, which its owner sees and the audit log of each organization tells."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction

from paidthru.organizations.models import SignIn, User
from paidthru.organizations.rules.browsers import browser_in_words
from paidthru.organizations.rules.ways_in import way_in_words
from paidthru.timeline.operations import Actor, Happening, Places, record_in


def sign_in(
    user: User, session_key: str, *, agent: str, how: str, actor: Actor, now: datetime, places: Places
) -> None:
    """Keeps the sign-in beside its session. `agent` is the User-Agent header, `how` is as `ways_in` has
    it; `now` is the machine's instant, `places` are the user's organizations with theirs."""
    with transaction.atomic():
        mine = SignIn.objects.filter(user=user)
        alive = Session.objects.filter(
            session_key__in=mine.values("session_key"), expire_date__gt=now
        ).values_list("session_key", flat=True)
        mine.exclude(session_key__in=list(alive)).delete()
        SignIn.objects.create(
            user=user,
            session_key=session_key,
            browser=browser_in_words(agent),
            how=how,
            started_at=now,
            seen_at=now,
        )
        record_in(places, actor, Happening("signed_in", "user", user.id, facts={"how": way_in_words(how)}))
