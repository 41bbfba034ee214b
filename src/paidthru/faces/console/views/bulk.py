"""An act for many rows of a list: what it would do to each is read first, then it is done, each once."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, first_click, key_of, new_key
from paidthru.faces.console.acting_forms import ActForm, worded
from paidthru.faces.console.bulk_acts import MEMBERS
from paidthru.faces.console.bulk_cases import CASES
from paidthru.faces.console.bulk_invoices import INVOICES
from paidthru.faces.console.bulk_kinds import MOST, BulkAct, Foreseen, Kind, T
from paidthru.faces.console.pages import Confirm, Drift, Proposal, ProposalPage, SkipCount
from paidthru.faces.console.parts import EmptyState, Link, Query, with_query
from paidthru.faces.console.run_pages import many, monies_text
from paidthru.faces.console.views.cases import shown_cases
from paidthru.faces.console.views.invoice_list import shown_invoices
from paidthru.faces.console.views.members import shown_members
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import each_for_itself
from paidthru.timeline.queries import was_done

_TOLD = 10  # of those that it left, so many are named
_BEGUN = "This was begun already. Here is what is left: read it again."
_CHANGED = "Nothing was done: something has changed since you read this. Please read it again."


@staff_page(MEMBERS.needs)
def members(visit: Visit) -> HttpResponseBase:
    """What an act would do to members, and the act."""
    return _Asked.read(visit, MEMBERS, shown_members).answer()


@staff_page(INVOICES.needs)
def invoices(visit: Visit) -> HttpResponseBase:
    """What an act would do to invoices, and the act."""
    return _Asked.read(visit, INVOICES, shown_invoices).answer()


@staff_page(CASES.needs)
def cases(visit: Visit) -> HttpResponseBase:
    """What an act would do to what is unpaid, and the act."""
    return _Asked.read(visit, CASES, shown_cases).answer()


@dataclass(frozen=True, slots=True)
class _Foretold(Generic[T]):
    """One, what the act would do to it, or why it leaves it."""

    one: T
    what: Foreseen
    skip: str


@dataclass(frozen=True, slots=True)
class _Asked(Generic[T]):
    """An act that somebody asks for, and the rows that it is about: those that the list shows (`shown`), or those that
    were ticked."""

    visit: Visit
    kind: Kind[T]
    act: BulkAct[T]
    shown: Callable[[Visit], QuerySet[T]]
    asked: QueryDict

    @classmethod
    def read(cls, visit: Visit, kind: Kind[T], shown: Callable[[Visit], QuerySet[T]]) -> "_Asked[T]":
        """What a request asks for; 404 for an act that there isn't, 403 for one that the person may not do."""
        asked = visit.request.POST if visit.request.method == "POST" else visit.request.GET
        act = kind.acts.get(asked.get("act", ""))
        if act is None:
            raise Http404
        visit.must(act.needs)
        visit.request.GET = asked  # the filters, as the list reads them
        return cls(visit, kind, act, shown, asked)

    @property
    def back(self) -> str:
        """The list, as it was."""
        return self.visit.url(f"{self.kind.path}{with_query(self.kind.kept(self.asked))}")

    def answer(self) -> HttpResponseBase:
        """What the act would do to those chosen; confirmed, it is done to exactly those, if that is still so."""
        visit = self.visit
        chosen = self._chosen()
        if not chosen:
            messages.warning(visit.request, self.kind.none_chosen)
            return redirect(self.back)
        found = [self._foretold(one) for one in chosen]
        if visit.request.method != "POST":
            return self._page(found, self.act.form(visit, None, new_key()))
        key = f"bulk {key_of(visit)}"[:58]
        if was_done(visit.organization.id, f"click:{key}"):
            return self._gone_on([one for one in found if not self._done_under(key, one)])
        form = self.act.form(visit, visit.request.POST, {})
        if not form.is_valid():
            return self._page(found, form, status=422)
        if self._digest(found) != self.asked.get("digest"):
            again = self.act.form(visit, None, {**form.cleaned_data, **new_key()})
            return self._page(found, again, Drift(_CHANGED, ()), 409)
        if not first_click(visit, key, "bulk"):  # of two at once the other one does it
            return self._done_already()
        self._do([one.one for one in found if not one.skip], form, key)
        return redirect(self.back)

    def _chosen(self) -> list[T]:
        """Those ticked, or all that the filters show; of this organization only. Refused `too_many`."""
        rows = self.shown(self.visit) if self.asked.get("all") == "yes" else self._ticked()
        mine = rows.filter(organization=self.visit.organization).select_related(*self.kind.related)
        found = list(mine.order_by(*self.kind.order)[: MOST + 1])
        if len(found) > MOST:
            raise Refused(
                "too_many",
                f"That is more than {MOST} at a time.",
                fix="Go back and narrow the list by its filters, or tick those that it is about.",
            )
        return found

    def _ticked(self) -> QuerySet[T]:
        try:
            picks = [UUID(text) for text in self.asked.getlist("pick")[: MOST + 1]]
        except ValueError as error:
            raise Http404 from error
        return self.shown(self.visit).model._default_manager.filter(id__in=picks)

    def _foretold(self, one: T) -> _Foretold[T]:
        try:
            return _Foretold(one, self.act.foretell(self.visit, one), "")
        except Refused as refused:
            return _Foretold(one, Foreseen(""), refused.message)

    def _digest(self, found: list[_Foretold[T]]) -> str:
        return digest_of(self.asked["act"], [(one.one.id, one.what, one.skip) for one in found])

    def _done_under(self, key: str, one: _Foretold[T]) -> bool:
        return was_done(self.visit.organization.id, _key_of_one(key, one.one))

    def _gone_on(self, left: list[_Foretold[T]]) -> HttpResponseBase:
        """A confirmation that is posted again: all was done, or it was cut off and this is left."""
        if all(one.skip for one in left):
            return self._done_already()
        form = self.act.form(self.visit, None, {**self.asked.dict(), **new_key()})
        return self._page(left, form, Drift(_BEGUN, ()), 409, ticked=True)

    def _done_already(self) -> HttpResponseBase:
        messages.info(self.visit.request, "That was done already; nothing was done twice.")
        return redirect(self.back)

    def _do(self, chosen: list[T], form: ActForm, key: str) -> None:
        done, left = 0, []
        for one in chosen:
            try:
                self.act.do(self.visit, one, form.cleaned_data, _key_of_one(key, one))
            except Refused as refused:  # it changed while the others were done
                left.append(f"{self.kind.subject(self.visit, one).label}: {worded(refused)}")
            else:
                done += 1
        self.kind.afterwards(self.visit)
        request = self.visit.request
        messages.success(request, f"{self._many(done)}: {self.act.done}.")
        for said in left[:_TOLD]:
            messages.warning(request, said)
        if (more := len(left) - _TOLD) > 0:
            messages.warning(request, f"And {more:,} more were left as they are.")

    def _many(self, count: int) -> str:
        return many(self.visit, count, *self.kind.noun(self.visit))

    def _page(
        self,
        found: list[_Foretold[T]],
        form: ActForm,
        drift: Drift | None = None,
        status: int = 200,
        *,
        ticked: bool = False,
    ) -> HttpResponseBase:
        visit, kind, act = self.visit, self.kind, self.act
        skips = Counter(one.skip for one in found if one.skip)
        page = ProposalPage(
            title=act.label,
            proposals=tuple(self._proposal(one) for one in found),
            empty=EmptyState(kind.none_chosen),
            skips=tuple(SkipCount(reason, times) for reason, times in skips.most_common()),
            confirm=self._confirm(found, form, ticked=ticked) if any(not one.skip for one in found) else None,
            drift=drift,
            intro="Nothing is done yet. Read what it does to each, then confirm it.",
            total=len(found),
            noun=kind.noun(visit),
            crumbs=(Link(kind.title(visit), self.back),),
        )
        return visit.page(page, kind.current, status)

    def _proposal(self, one: _Foretold[T]) -> Proposal:
        amounts = one.what.amounts
        return Proposal(
            self.kind.subject(self.visit, one.one),
            what=one.what.what,
            why=one.what.why,
            amount=amounts[0] if len(amounts) == 1 else None,
            skip=one.skip,
        )

    def _confirm(self, found: list[_Foretold[T]], form: ActForm, *, ticked: bool) -> Confirm:
        count: int = sum(not one.skip for one in found)
        left: int = len(found) - count
        all_shown = self.asked.get("all") == "yes" and not ticked
        rows: Query = (("all", "yes"),) if all_shown else tuple(("pick", str(one.one.id)) for one in found)
        return Confirm(
            self.visit.url(self.kind.page),
            f"{self.act.label}: {self._many(count)}",
            (
                f"{self._many(count)}: {self.act.done}.",
                *self._sums(found),
                *((self.act.besides,) if self.act.besides else ()),
                *((f"Nothing changes for {left:,} that would be left out.",) if left else ()),
            ),
            digest=self._digest(found),
            cancel_url=self.back,
            cancel_label="Not now",
            fields=(("act", str(self.asked["act"])), *self.kind.kept(self.asked), *rows),
            danger=self.act.danger,
            form=form,
        )

    def _sums(self, found: list[_Foretold[T]]) -> tuple[str, ...]:
        """What the amounts of all come to, in each currency."""
        sums: Counter[str] = Counter()
        for one in found:
            for money in one.what.amounts:
                sums[money.currency] += money.amount_minor
        if not sums or not self.act.sums:
            return ()
        return (f"{self.act.sums}: {monies_text(self.visit, each_for_itself(sums))}.",)


def _key_of_one(key: str, one: T) -> str:
    """Under which it is done once to one, of a confirmation's key."""
    return f"{key}:{one.id}"[:100]
