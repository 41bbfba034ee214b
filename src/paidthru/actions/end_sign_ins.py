"""End sign-ins: one browser or several are signed out, wherever they stand."""

from collections.abc import Collection

from django.contrib.sessions.models import Session
from django.db import transaction

from paidthru.organizations.models import SignIn, User
from paidthru.timeline.operations import Actor, Happening, Places, record_in


def end_sign_ins(user: User, sign_ins: Collection[SignIn], *, actor: Actor, places: Places) -> int:
    """Signs out of these of the user's browsers; returns how many that were. Done twice it is done once."""
    with transaction.atomic():
        mine = SignIn.objects.filter(user=user, id__in=[one.id for one in sign_ins])
        found = list(mine.select_for_update())
        if found:
            Session.objects.filter(session_key__in=[one.session_key for one in found]).delete()
            mine.delete()
            facts = {"name": user.name, "browsers": ", ".join(one.browser for one in found)[:300]}
            record_in(places, actor, Happening("browser_signed_out", "user", user.id, facts=facts))
        return len(found)
