"""One search over all that has a name or a number: members, homes, invoices, payments, batches, campaigns, events,
plans, and the console's own pages."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpResponseBase

from paidthru.faces.console.access import Visit, menu_of, staff_page
from paidthru.faces.console.addresses import batch_url, invoice_url, member_url, payment_url
from paidthru.faces.console.badges import batch_badge, invoice_badge
from paidthru.faces.console.listing import of_amount, text_in
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import Column, EmptyState, Filter, Link, Row, Table, Value
from paidthru.giving.models import Campaign
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.ledger.models import Batch
from paidthru.membership.models import Plan
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import CATALOGUE
from paidthru.payments.models import Payment
from paidthru.people.models import Party, Unit
from paidthru.people.queries import found_by
from paidthru.ticketing.models import TicketedEvent

_EACH = 8


class Hit(NamedTuple):
    """What was found: its name, what tells it from others, and its address."""

    name: str
    about: Value
    href: str


@staff_page("view")
def search(visit: Visit) -> HttpResponseBase:
    """What a text finds, by kind, a handful of each; what has a list of its own leads there."""
    text = text_in(visit.request, "q")
    sections = tuple(_sections(visit, text)) if text else ()
    columns = (Column("name", "Name"), Column("about", "About"))
    nothing = EmptyState(
        "Nothing was found.",
        "Try a part of a name, an e-mail address, or the number of a member, an invoice or a payment.",
    )
    if text and not sections:
        sections = (Section("nothing", "Found", Table(columns, (), empty=nothing)),)
    return visit.page(
        RecordPage(
            title="Search",
            intro=""
            if text
            else "Names, e-mail addresses, numbers, amounts, and pages such as “Settlement”.",
            sections=sections,
            filters=(Filter("q", "Search for", "search", text),),
        ),
        "search",
    )


def _sections(visit: Visit, text: str) -> Iterator[Section]:
    rest = urlencode({"q": text})
    lists = {
        "members": visit.url(f"members/?{rest}"),
        "invoices": visit.url(f"invoices/?{rest}"),
        "payments": visit.url(f"payments/?{rest}"),
        "homes": visit.url(f"homes/?{rest}"),
    }
    for key, title, hits in (
        ("pages", "Pages", _pages(visit, text)),
        ("policies", "Policies", _policies(visit, text)),
        ("members", visit.words.titled("members"), _members(visit, text)),
        ("homes", "Homes", _homes(visit, text)),
        ("invoices", "Invoices", _invoices(visit, text)),
        ("payments", "Payments", _payments(visit, text)),
        ("batches", "Batches", _batches(visit, text)),
        ("plans", visit.words.titled("plans"), _plans(visit, text)),
        ("campaigns", "Campaigns", _campaigns(visit, text)),
        ("events", "Events", _events(visit, text)),
    ):
        found = list(islice(hits, _EACH + 1))
        if found:
            columns = (Column("name", "Name"), Column("about", "About"))
            rows = tuple(Row((hit.name, hit.about), hit.href) for hit in found[:_EACH])
            more = Link(f"All {title.lower()} with “{text}”", lists[key]) if key in lists else None
            yield Section(key, title, Table(columns, rows, title), more=more if len(found) > _EACH else None)


def _pages(visit: Visit, text: str) -> Iterable[Hit]:
    words = text.lower().split()
    for group in menu_of(visit):
        for item in group.items:
            if all(word in f"{group.label} {item.label}".lower() for word in words):
                yield Hit(item.label, group.label, item.href)


def _policies(visit: Visit, text: str) -> Iterable[Hit]:
    """What the organization decides, found by its name, its title or a word of what it says."""
    words, policies = text.lower().split(), policies_of(visit.organization)
    if not visit.may("set_policy"):
        return
    for one in CATALOGUE.values():
        if not one.is_fact and all(
            word in f"{one.name} {one.title} {one.sentence}".lower() for word in words
        ):
            present = one.said(policies.effective(one.name).value)
            yield Hit(one.title, f"{one.name}: {present}", visit.url(f"settings/{one.name}/"))


def _members(visit: Visit, text: str) -> Iterable[Hit]:
    found = Party.objects.filter(found_by(text), organization=visit.organization)
    for one in found.order_by("name", "id")[: _EACH + 1]:
        about = ", ".join(filter(None, (f"No. {one.number}", one.email)))
        yield Hit(one.name, about, member_url(visit, one.id))


def _homes(visit: Visit, text: str) -> Iterable[Hit]:
    found = Unit.objects.filter(organization=visit.organization, name__icontains=text)
    for one in found.order_by("name", "id")[: _EACH + 1]:
        yield Hit(one.name, "", visit.url(f"homes/{one.id}/"))


def _invoices(visit: Visit, text: str) -> Iterable[Hit]:
    meant = Q(label__iexact=text)
    if (number := _number(text)) is not None:
        meant |= Q(number=number)
    meant |= _amount(visit, text, "total_minor") | _amount(visit, text, "balance_minor")
    found = Invoice.objects.filter(meant, organization=visit.organization).select_related("party")
    for one in found.order_by("-number")[: _EACH + 1]:
        state = invoice_badge(one, visit.desk.today).label
        name = f"Invoice {one.label or one.number}, {one.party.name}, {state}"
        yield Hit(name, Money(one.total_minor, one.currency), invoice_url(visit, one.id))


def _payments(visit: Visit, text: str) -> Iterable[Hit]:
    meant = Q(gateway_ref=text)
    if (number := _number(text)) is not None:
        meant |= Q(number=number)
    meant |= _amount(visit, text, "amount_minor")
    found = Payment.objects.filter(meant, organization=visit.organization).select_related("party")
    for one in found.order_by("-number")[: _EACH + 1]:
        name = f"Payment {one.number}, {one.party.name}"
        yield Hit(name, Money(one.amount_minor, one.currency), payment_url(visit, one.id))


def _amount(visit: Visit, text: str, column: str) -> Q:
    """Rows over the amount that a text is; none where it isn't one, or is as well a number."""
    with suppress(Refused):
        if any(each in text for each in ".,"):
            return of_amount(visit.request, "q", column=column) or Q(pk__in=[])
    return Q(pk__in=[])


def _batches(visit: Visit, text: str) -> Iterable[Hit]:
    meant = Q(name__icontains=text)
    if (number := _number(text.upper().removeprefix("B-"))) is not None:
        meant |= Q(number=number)
    found = Batch.objects.filter(meant, organization=visit.organization)
    for one in found.order_by("-number")[: _EACH + 1]:
        yield Hit(f"Batch {one.number}, {one.name}", batch_badge(one.state), batch_url(visit, one.id))


def _plans(visit: Visit, text: str) -> Iterable[Hit]:
    found = Plan.objects.filter(organization=visit.organization, name__icontains=text)
    for one in found.order_by("name", "id")[: _EACH + 1]:
        yield Hit(one.name, "", visit.url(f"plans/{one.id}/"))


def _campaigns(visit: Visit, text: str) -> Iterable[Hit]:
    found = Campaign.objects.filter(organization=visit.organization, name__icontains=text)
    for one in found.order_by("name", "id")[: _EACH + 1]:
        yield Hit(one.name, "", visit.url(f"campaigns/{one.id}/"))


def _events(visit: Visit, text: str) -> Iterable[Hit]:
    found = TicketedEvent.objects.filter(organization=visit.organization, name__icontains=text)
    for one in found.order_by("name", "id")[: _EACH + 1]:
        yield Hit(one.name, one.starts_on, visit.url(f"events/{one.id}/"))


def _number(text: str) -> int | None:
    digits = text.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
