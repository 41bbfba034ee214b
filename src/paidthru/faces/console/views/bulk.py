"""An act for many members: what it would do to each is read first, then it is done, each once."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, first_click, key_of, new_key
from paidthru.faces.console.acting_forms import worded
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.bulk_acts import ACTS, FILTERS, MOST, BulkAct, Foreseen
from paidthru.faces.console.formats import money_text
from paidthru.faces.console.pages import Confirm, Drift, Proposal, ProposalPage, SkipCount
from paidthru.faces.console.parts import EmptyState, Link, Query, with_query
from paidthru.faces.console.views.members import shown_members
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership
from paidthru.timeline.queries import was_done

_TOLD = 10  # of those whom it left, so many are named


@dataclass(frozen=True, slots=True)
class Foretold:
    """A membership, what the act would do to it, or why it leaves it."""

    one: Membership
    what: Foreseen
    skip: str


@staff_page("renew")
def act_on_many(visit: Visit) -> HttpResponseBase:
    """What an act would do to those chosen; confirmed, it is done to exactly those, if that is still so."""
    posted = visit.request.method == "POST"
    asked = visit.request.POST if posted else visit.request.GET
    act = ACTS.get(asked.get("act", ""))
    if act is None:
        raise Http404
    visit.must(act.needs)
    back = visit.url(f"members/{with_query(_kept(asked))}")
    if posted:
        visit.request.GET = asked  # the filters, as the list reads them
    chosen = _chosen(visit, asked)
    if not chosen:
        messages.warning(
            visit.request, "Nobody is chosen: tick whom it is about, or all that the list shows."
        )
        return redirect(back)
    found = _foretold(visit, act, chosen)
    digest = digest_of(asked["act"], [(one.one.id, one.what, one.skip) for one in found])
    if not posted:
        return visit.page(_page(visit, asked, act, found, digest), "members")
    key = f"bulk {key_of(visit)}"[:58]
    if was_done(visit.organization.id, f"click:{key}"):
        if all(one.skip for one in found):
            return _done_already(visit, back)
        drift = Drift("This was begun already. Here is who is left: read it again.", ())
        return visit.page(_page(visit, asked, act, found, digest, drift), "members", 409)
    if digest != asked.get("digest"):
        drift = Drift(
            "Nothing was done: something has changed since you read this. Please read it again.", ()
        )
        return visit.page(_page(visit, asked, act, found, digest, drift), "members", 409)
    if not first_click(visit, key, "bulk"):  # of two at once the other one does it
        return _done_already(visit, back)
    _do(visit, act, [one.one for one in found if not one.skip], key)
    return redirect(back)


def _done_already(visit: Visit, back: str) -> HttpResponseBase:
    messages.info(visit.request, "That was done already; nothing was done twice.")
    return redirect(back)


def _chosen(visit: Visit, asked: QueryDict) -> list[Membership]:
    """Those ticked, or all that the filters show; of this organization only. Refused `too_many`."""
    if asked.get("all") == "yes":
        rows = shown_members(visit)
    else:
        picks = []
        for text in asked.getlist("pick")[: MOST + 1]:
            try:
                picks.append(UUID(text))
            except ValueError as error:
                raise Http404 from error
        rows = Membership.objects.filter(id__in=picks)
    mine = (
        rows.filter(organization=visit.organization).select_related("party", "plan").order_by("party__number")
    )
    found = list(mine[: MOST + 1])
    if len(found) > MOST:
        raise Refused(
            "too_many",
            f"That is more than {MOST} at a time.",
            fix="Go back and narrow the list: by plan, by status, or by a part of the name.",
        )
    return found


def _foretold(visit: Visit, act: BulkAct, chosen: list[Membership]) -> list[Foretold]:
    found = []
    for one in chosen:
        try:
            found.append(Foretold(one, act.foretell(visit, one), ""))
        except Refused as refused:
            found.append(Foretold(one, Foreseen(""), refused.message))
    return found


def _page(
    visit: Visit,
    asked: QueryDict,
    act: BulkAct,
    found: list[Foretold],
    digest: str,
    drift: Drift | None = None,
) -> ProposalPage:
    skips = Counter(one.skip for one in found if one.skip)
    count = sum(not one.skip for one in found)
    fields: Query = (
        ("act", str(asked["act"])),
        *_kept(asked),
        *((("all", "yes"),) if asked.get("all") == "yes" else _picked(found)),
        *new_key().items(),
    )
    words = visit.words.member if count == 1 else visit.words.members
    confirm = Confirm(
        visit.url("members/bulk/"),
        f"{act.label}: {count:,} {words}",
        (
            f"{count:,} {words}: {act.done}.",
            *_taken_back(visit, found),
            *((act.besides,) if act.besides else ()),
            *(
                (f"Nothing changes for {left:,} that would be left out.",)
                if (left := len(found) - count)
                else ()
            ),
        ),
        digest=digest,
        cancel_url=visit.url("members/"),
        cancel_label="Not now",
        fields=fields,
    )
    return ProposalPage(
        title=act.label,
        proposals=tuple(
            Proposal(
                Link(one.one.party.name, member_url(visit, one.one.party_id), one.one.plan.name),
                what=one.what.what,
                why=one.what.why,
                amount=one.what.taken_back[0] if len(one.what.taken_back) == 1 else None,
                skip=one.skip,
            )
            for one in found
        ),
        empty=EmptyState("Nobody is chosen."),
        skips=tuple(SkipCount(reason, times) for reason, times in skips.most_common()),
        confirm=confirm if count else None,
        drift=drift,
        intro="Nothing is done yet. Read what it does to each, then confirm it.",
        total=len(found),
        noun=(visit.words.member, visit.words.members),
        crumbs=(Link(visit.words.titled("members"), visit.url("members/")),),
    )


def _kept(asked: QueryDict) -> Query:
    return tuple((name, str(asked[name])) for name in FILTERS if asked.get(name))


def _taken_back(visit: Visit, found: list[Foretold]) -> tuple[str, ...]:
    """What is taken back of all, in each currency."""
    sums: Counter[str] = Counter()
    for one in found:
        for money in one.what.taken_back:
            sums[money.currency] += money.amount_minor
    amounts = [
        money_text(Money(minor, currency), visit.organization.locale) for currency, minor in sums.items()
    ]
    return (f"Taken back or credited, of invoices that are open: {', '.join(amounts)}.",) if amounts else ()


def _picked(found: list[Foretold]) -> Query:
    return tuple(("pick", str(one.one.id)) for one in found)


def _do(visit: Visit, act: BulkAct, chosen: list[Membership], key: str) -> None:
    done, left = 0, []
    for one in chosen:
        try:
            act.do(visit, one, f"{key}:{one.id}"[:100])
        except Refused as refused:  # it changed while the others were done
            left.append(f"{one.party.name}: {worded(refused)}")
        else:
            done += 1
    words = visit.words.member if done == 1 else visit.words.members
    messages.success(visit.request, f"{done:,} {words}: {act.done}.")
    for said in left[:_TOLD]:
        messages.warning(visit.request, said)
    if (more := len(left) - _TOLD) > 0:
        messages.warning(visit.request, f"And {more:,} more were left as they are.")
