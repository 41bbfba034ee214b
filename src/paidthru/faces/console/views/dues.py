"""The dues screen: who is active, whose renewal comes next, whose payment failed (A-09)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpResponseBase

from paidthru.dunning.queries import FAILED, cases_of
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.badges import label_badge
from paidthru.faces.console.formats import number_text
from paidthru.faces.console.listed import listed
from paidthru.faces.console.listing import in_words
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import (
    Column,
    EmptyState,
    Figure,
    Link,
    ListPage,
    Row,
    Table,
    Text,
)
from paidthru.faces.console.views.cases import COLUMNS as CASE_COLUMNS
from paidthru.faces.console.views.cases import case_rows
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership
from paidthru.membership.queries import counts_by_label, members
from paidthru.membership.queries.upcoming import looked_ahead
from paidthru.organizations.queries import policies_of
from paidthru.people.queries import found_by

DAYS = 30
_SHOWN = 10
_ACTIVE = "Active"  # what every preset calls who is in good standing
_MEMBERS = (
    Column("member", "Member"),
    Column("plan", "Plan"),
    Column("status", "Status", "badge"),
    Column("paid", "Paid through", "date"),
)
_UPCOMING = (
    Column("member", "Member"),
    Column("plan", "Plan"),
    Column("on", "Renews on", "date", "next_bill_on"),
    Column("amount", "Amount", "money"),
    Column("how", "How it is paid", "text"),
)


@staff_page("view")
def dues(visit: Visit) -> HttpResponseBase:
    """Three lists, each with its count, its first rows and the way to the rest."""
    organization, today, words = visit.organization, visit.desk.today, visit.words
    policies, anybody = policies_of(organization), found_by("", "party__")
    active = counts_by_label(organization.id, policies, today, which=anybody).get(_ACTIVE, 0)
    listed_active = members(organization.id, policies, today, which=anybody, label=_ACTIVE)
    first = listed_active.order_by("name", "party_id")  # type: ignore[misc]
    coming = _coming(visit)
    failed = cases_of(organization.id).filter(FAILED, state="open").select_related("party")
    failures, ahead = failed.count(), coming.count()
    return visit.page(
        RecordPage(
            title=words.titled("dues"),
            figures=(
                Figure("Active", active),
                Figure(f"Renew in the next {DAYS} days", ahead),
                Figure("Payment failures", failures, tone="bad" if failures else "neutral"),
            ),
            sections=(
                Section(
                    "failures",
                    "Payment failures",
                    Table(
                        _unsorted(in_words(words, CASE_COLUMNS)),
                        tuple(case_rows(visit, list(failed.order_by("opened_on", "id")[:_SHOWN]))),
                        "Payment failures",
                        empty=EmptyState("No payment has failed."),
                    ),
                    more=_all(visit, failures, "payment failures", "failures/"),
                ),
                Section(
                    "upcoming",
                    "Upcoming renewals",
                    Table(
                        _unsorted(in_words(words, _UPCOMING)),
                        tuple(_coming_rows(visit, coming.order_by("next_bill_on", "id")[:_SHOWN])),
                        "Upcoming renewals",
                        empty=EmptyState(f"Nobody renews in the next {DAYS} days."),
                    ),
                    more=_all(visit, ahead, "upcoming renewals", "dues/upcoming/"),
                ),
                Section(
                    "active",
                    f"Active {words.members}",
                    Table(
                        in_words(words, _MEMBERS),
                        tuple(
                            Row(
                                (one.party.name, one.plan.name, label_badge(_ACTIVE), one.paid_through),
                                member_url(visit, one.party_id),
                            )
                            for one in first[:_SHOWN]
                        ),
                        f"Active {words.members}",
                        empty=EmptyState("Nobody is active."),
                    ),
                    more=_all(visit, active, f"active {words.members}", f"members/?status={_ACTIVE}"),
                ),
            ),
        ),
        "dues",
    )


@staff_page("view")
def upcoming(visit: Visit) -> HttpResponseBase:
    """Whose renewal comes in the next days, for how much, and how it will be paid."""
    return listed(
        visit,
        _coming(visit).order_by("next_bill_on", "id"),
        lambda found: tuple(_coming_rows(visit, found)),
        ListPage(
            title="Upcoming renewals",
            columns=in_words(visit.words, _UPCOMING),
            rows=(),
            empty=EmptyState(
                f"Nobody renews in the next {DAYS} days", "Each is listed here before it is billed."
            ),
            intro=f"What is billed in the next {DAYS} days, at the prices of its day.",
            total=_coming(visit).count(),
            noun=("renewal", "renewals"),
            crumbs=(Link(visit.words.titled("dues"), visit.url("dues/")),),
        ),
        current="dues",
        sorts=["next_bill_on"],
        default="next_bill_on",
        file="upcoming-renewals",
    )


def _all(visit: Visit, count: int, what: str, path: str) -> Link | None:
    """The way to the whole list below its first rows; None where it is empty."""
    said = f"{number_text(count, visit.organization.locale)} " if count > 1 else ""
    return Link(f"All {said}{what}", visit.url(path)) if count else None


def _unsorted(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(replace(one, sort_key=None) for one in columns)


def _coming(visit: Visit) -> QuerySet[Membership]:
    until = visit.desk.today + timedelta(days=DAYS)
    found = Membership.objects.filter(organization=visit.organization, state__in=("pending", "active"))
    return found.filter(next_bill_on__lt=until).select_related("party", "plan", "payer")


def _coming_rows(visit: Visit, found: Sequence[Membership] | QuerySet[Membership]) -> list[Row]:
    one_by_one = list(found)
    ahead = looked_ahead(visit.organization.id, policies_of(visit.organization), one_by_one)
    rows = []
    for one in one_by_one:
        what = ahead.get(one.id)
        how = (
            f"autopay, {what.method[:1].upper()}{what.method[1:]}"
            if what and what.autopay and what.method
            else "by the member"
        )
        if what and what.autopay and not what.method:
            how = "autopay, but no method on file"
        if what and what.expires:
            how = f"{how}, expired {what.expires}"
        rows.append(
            Row(
                (
                    Text(one.party.name, f"paid by {what.payer}" if what and what.payer else ""),
                    what.plan if what else one.plan.name,
                    one.next_bill_on,
                    Money(what.amount_minor, what.currency) if what else None,
                    how if what else "free",
                ),
                member_url(visit, one.party_id),
            )
        )
    return rows
