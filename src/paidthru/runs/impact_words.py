"""An impact in sentences, for every face the same."""

from paidthru.kernel.money import plain
from paidthru.runs.forecast import Happens
from paidthru.runs.impact import Impact

HOW = (
    "This is a forecast, made by the same rules as the real billing. It expects every payment method to work, save"
    " those that failed the last time; and that nobody joins, cancels or pays by hand meanwhile."
)


def sentences(found: Impact) -> tuple[str, ...]:
    """What a change alters in all, from its first day on; one sentence where it alters nothing."""
    days = (found.until - found.start).days
    if found.nothing:
        return (f"In the next {days} days nothing comes otherwise.",)

    def money(amount_minor: int) -> str:
        return f"{plain(amount_minor, found.currency)} {found.currency}"

    was, is_ = found.before, found.after
    pairs = (
        (
            "Billed",
            f"{was.bills} for {money(was.billed_minor)}",
            f"{is_.bills} for {money(is_.billed_minor)}",
        ),
        (
            "Charged",
            f"{was.charges} for {money(was.charged_minor)}",
            f"{is_.charges} for {money(is_.charged_minor)}",
        ),
        ("Failed tries", str(was.declined), str(is_.declined)),
        ("Mails", str(was.mails), str(is_.mails)),
        ("Memberships that end", str(was.ends), str(is_.ends)),
        ("Open batches that post by themselves", str(found.posting[0]), str(found.posting[1])),
        ("Late fees on what homes owe now", str(found.late_fees[0]), str(found.late_fees[1])),
    )
    told = [f"{what}: {new} instead of {old}." for what, old, new in pairs if old != new]
    first = f"In the next {days} days it concerns {found.concerned} of {found.members} memberships."
    return (first, *told)


def words(one: Happens, currency: str) -> str:
    """Something that happens, with its date."""
    amount = f" {plain(one.amount_minor, currency)} {currency}" if one.amount_minor else ""
    said = {
        "bill": f"billed{amount} for {one.what}",
        "charge": f"charge of{amount} {one.what}",
        "mail": f"mail “{one.what}”",
        "label": f"called {one.what}",
        "end": f"membership {one.what}",
    }[one.kind]
    return f"{one.on}: {said}"
