"""The books: the journal, the trial balance, and the invariants that hold them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.journal_pages import ENTRY_COLUMNS, account_name, journal_rows
from paidthru.faces.console.late import late
from paidthru.faces.console.listing import (
    csv_of,
    day_in,
    id_in,
    page_by_key,
    query_of,
    text_in,
)
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Choice,
    Column,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Table,
    Text,
    with_query,
)
from paidthru.invariants import ALL, Invariant, Violation
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.ledger.models import Batch, Journal
from paidthru.ledger.queries import Balance, accounts_of, entries_of, journals, trial_balance
from paidthru.payments.queries import sources_of
from paidthru.people.models import Party

JOURNAL_CSV = ("date", "batch", "journal", "account", "name", "kind", "currency", "debit", "credit")
_BALANCE_CSV = ("account", "name", "kind", "currency", "debits", "credits", "balance")
_BALANCE = (
    Column("account", "Account"),
    Column("kind", "Kind"),
    Column("debit", "Debit", "money"),
    Column("credit", "Credit", "money"),
)


_MEMO = (
    "What is billed on a cash basis: in sight, but no income yet. It stands outside of the totals above and is left out"
    " of exports to other books."
)


def entry_lines(found: QuerySet[Journal]) -> Iterator[Sequence[object]]:
    """Journals as lines of a CSV, one an entry."""
    for *about, currency, amount in entries_of(found):
        money = Money(abs(amount), currency)
        yield (*about, currency, money, None) if amount > 0 else (*about, currency, None, money)


@staff_page("view")
def journal(visit: Visit) -> HttpResponseBase:
    """Every journal with its entries, newest first, by account, date, batch and member."""
    request, organization = visit.request, visit.organization
    accounts = accounts_of(organization.id)
    account_id, party_id, batch = id_in(request, "account"), id_in(request, "member"), _batch(visit)
    party = get_object_or_404(Party, id=party_id, organization=organization) if party_id else None
    if account_id and account_id not in {account.id for account in accounts}:
        raise Refused(
            "account_unknown",
            "There is no such account.",
            field="account",
            value=account_id,
            fix="Choose one from the list.",
        )
    found = journals(
        organization.id,
        account_id=account_id,
        start=day_in(request, "from"),
        through=day_in(request, "to"),
        batch_id=batch.id if batch else None,
        source_ids=sources_of(party.id) if party else None,
    )
    query = query_of(request)
    if "export" in request.GET:
        return csv_of("journal", JOURNAL_CSV, entry_lines(found))
    page, sort = page_by_key(found, request, ["effective_on"], "-effective_on")
    several = len({account.currency for account in accounts}) > 1
    return visit.page(
        ListPage(
            title="Journal",
            columns=ENTRY_COLUMNS,
            rows=journal_rows(visit, page.rows),
            empty=EmptyState(
                "No journals yet",
                "Whatever is billed or received is booked here, balanced, and never changed.",
            ),
            filters=(
                Filter(
                    "account",
                    "Account",
                    "choice",
                    str(account_id or ""),
                    (
                        Choice("", "All accounts"),
                        *(
                            Choice(str(one.id), account_name(one) + (f" {one.currency}" if several else ""))
                            for one in accounts
                        ),
                    ),
                ),
                Filter("from", "From", "date", text_in(request, "from")),
                Filter("to", "To", "date", text_in(request, "to")),
                Filter("batch", "Batch", "text", text_in(request, "batch")),
            ),
            next_url=page.next_url,
            previous_url=page.previous_url,
            intro=f"Of {party.name} only." if party else "",
            query=query,
            sort=sort,
            export_url=with_query(query, export="csv"),
            noun=("journal", "journals"),
            crumbs=(Link("All journals", visit.url("journal/")),) if party or batch else (),
        ),
        "journal",
    )


def _batch(visit: Visit) -> Batch | None:
    text = text_in(visit.request, "batch")
    if not text:
        return None
    known = text.isascii() and text.isdigit() and len(text) < 19
    found = Batch.objects.filter(organization=visit.organization, number=int(text)).first() if known else None
    if found is None:
        raise Refused(
            "batch_unknown",
            f"There is no batch {text}.",
            field="batch",
            value=text,
            fix="Write the number that stands in the list of batches.",
        )
    return found


# ---------------------------------------------------------------- trial balance


@staff_page("view")
def balance(visit: Visit) -> HttpResponseBase:
    """The trial balance by currency, up to and with a date; the memo accounts stand apart."""
    through = day_in(visit.request, "through")
    balances = trial_balance(visit.organization.id, through=through)
    query = query_of(visit.request)
    if "export" in visit.request.GET:
        return csv_of("trial-balance", _BALANCE_CSV, (_line(one) for one in balances))
    on = day_text(through, visit.organization.locale) if through else ""
    return visit.page(
        RecordPage(
            title="Trial balance",
            intro=f"Through {on}." if through else "Everything that is booked.",
            figures=_sums(balances),
            actions=(Action("Check the books", visit.url("checks/"), icon="check"),),
            sections=_sections(balances)
            or (
                Section(
                    "none",
                    "Nothing is booked yet",
                    text="The accounts appear here with the first invoice or payment.",
                ),
            ),
            filters=(Filter("through", "Through", "date", text_in(visit.request, "through")),),
            query=query,
            export_url=with_query(query, export="csv"),
            printable=True,
            printed_at=visit.desk.clock.now(),
        ),
        "trial_balance",
    )


def _line(one: Balance) -> Sequence[object]:
    return (
        one.number,
        one.code,
        one.kind,
        one.currency,
        Money(one.debit_minor, one.currency),
        Money(one.credit_minor, one.currency),
        Money(one.balance_minor, one.currency),
    )


def _currencies(balances: Sequence[Balance]) -> list[str]:
    return list(dict.fromkeys(one.currency for one in balances))


def _of(balances: Sequence[Balance], currency: str, *, memo: bool) -> list[Balance]:
    return [one for one in balances if one.currency == currency and (one.kind == "memo") == memo]


def _sums(balances: Sequence[Balance]) -> tuple[Figure, ...]:
    found = []
    for currency in _currencies(balances):
        own = _of(balances, currency, memo=False)
        debit, credit = _sides(own)
        even = debit == credit
        found += [
            Figure("Debits", Money(debit, currency)),
            Figure(
                "Credits",
                Money(credit, currency),
                "equal to the debits" if even else "NOT equal to the debits",
                "neutral" if even else "bad",
            ),
        ]
    return tuple(found)


def _sides(balances: Sequence[Balance]) -> tuple[int, int]:
    """The sums of what stands on the debit and on the credit side, in minor units."""
    return (
        sum(one.balance_minor for one in balances if one.balance_minor > 0),
        -sum(one.balance_minor for one in balances if one.balance_minor < 0),
    )


def _sections(balances: Sequence[Balance]) -> tuple[Section, ...]:
    found = []
    for currency in _currencies(balances):
        if own := _of(balances, currency, memo=False):
            found.append(Section(f"balance-{currency}", currency, _table(own, currency)))
        if memo := _of(balances, currency, memo=True):
            found.append(
                Section(
                    f"memo-{currency}",
                    f"Memo accounts, {currency}",
                    _table(memo, currency),
                    text=_MEMO,
                )
            )
    return tuple(found)


def _table(balances: Sequence[Balance], currency: str) -> Table:
    rows = tuple(
        Row(
            (
                f"{one.number} {one.code}",
                one.kind.capitalize(),
                Money(one.balance_minor, currency) if one.balance_minor > 0 else None,
                Money(-one.balance_minor, currency) if one.balance_minor < 0 else None,
            )
        )
        for one in balances
    )
    debit, credit = _sides(balances)
    foot = Row(("Total", None, Money(debit, currency), Money(credit, currency)))
    return Table(_BALANCE, rows, f"Trial balance, {currency}", foot)


# ---------------------------------------------------------------- checks


@staff_page("view")
def checks(visit: Visit) -> HttpResponseBase:
    """Every invariant, asked now: that it holds, or the rows that break it."""
    head = RecordPage(
        title="Check of the books",
        intro="What has to be true at every moment, whatever happened before. Looking changes nothing.",
        crumbs=(Link("Trial balance", visit.url("trial-balance/")),),
    )
    if waiting := late(visit, head, "trial_balance", saying="Asking every row…"):
        return waiting
    asked = [(one, one.violations(visit.organization.id)) for one in ALL]
    broken = [(one, found) for one, found in asked if found]
    return visit.page(
        replace(
            head,
            badges=(Badge("All hold", "good") if not broken else Badge(f"{len(broken)} broken", "bad"),),
            facts=(Fact("Checked at", visit.desk.clock.now()),),
            sections=(
                *(_violations(one, found) for one, found in broken),
                Section(
                    "all",
                    "What was checked",
                    Table(
                        (Column("what", "What holds", "prose"), Column("result", "Result", "badge")),
                        tuple(_result(one, found) for one, found in asked),
                        "Checks",
                    ),
                ),
            ),
            actions=(Action("Check again", visit.url("checks/"), icon="check"),),
        ),
        "trial_balance",
    )


def _result(one: Invariant, found: Sequence[Violation]) -> Row:
    badge = Badge(f"{len(found)} found", "bad") if found else Badge("Holds", "good")
    return Row((Text(one.sentence, one.name.replace("_", " ")), badge), tone="bad" if found else "neutral")


def _violations(one: Invariant, found: Sequence[Violation]) -> Section:
    return Section(
        one.name,
        one.name.replace("_", " ").capitalize(),
        Table(
            (Column("subject", "Where"), Column("what", "What is wrong", "prose")),
            tuple(Row((each.subject, each.what), tone="bad") for each in found),
            one.name,
        ),
        text=one.sentence,
    )
