"""What leaves for other bookkeeping programs: journals of posted batches, without the memo accounts."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from paidthru.kernel.errors import Refused
from paidthru.kernel.exports import Cell, write_csv
from paidthru.kernel.money import Money
from paidthru.ledger.models import Batch, BookExport, Entry
from paidthru.ledger.queries import accounts_of
from paidthru.ledger.queries.closing import unposted_in
from paidthru.ledger.rules.book_names import book_names
from paidthru.ledger.rules.exporting import FORMATS, WRITERS, Books, Held, Opened, Posting, month_ends

MIN_YEAR, MAX_YEAR = 1971, 2200
CSV_HEADERS = (
    "date",
    "batch",
    "journal",
    "text",
    "account",
    "number",
    "name",
    "kind",
    "currency",
    "debit",
    "credit",
)


def exports_made(organization_id: UUID) -> list[BookExport]:
    """Numbered exports, the latest first."""
    return list(BookExport.objects.filter(organization_id=organization_id).order_by("-number"))


def waiting_batches(organization_id: UUID) -> list[Batch]:
    """Posted batches that no numbered export holds yet, by number."""
    found = Batch.objects.filter(organization_id=organization_id, state="posted", exported__isnull=True)
    return list(found.order_by("number"))


def books_of_period(organization_id: UUID, name: str, start: date, through: date) -> Books:
    """What is posted of the local dates [start, through], a file that stands alone: it opens every account with what it
    held before, and states what each holds at the end of every month and on the last day. Refused `period_invalid`."""
    if not MIN_YEAR <= start.year <= through.year <= MAX_YEAR or through < start:
        raise Refused(
            "period_invalid",
            f"From {start} through {through} is no period of the books.",
            field="through",
            value=through.isoformat(),
            fix=f"Begin with the earlier day, in the years {MIN_YEAR} to {MAX_YEAR}.",
        )
    posted = list(
        Batch.objects.filter(organization_id=organization_id, state="posted").values_list("id", flat=True)
    )
    ends = [*month_ends(start, through), through]
    before, *held = _held(organization_id, posted, [start, *_following(ends)])
    names = _names(organization_id)
    left = unposted_in(organization_id, through, start)
    notes = [
        f"The journal from {start} through {through}, as far as it is posted.",
        "Left out, for they aren't posted yet: batches " + ", ".join(str(one.number) for one in left) + "."
        if left
        else "Every batch of these days is posted.",
    ]
    return Books(
        title=name,
        notes=notes,
        names=names,
        opened=_opened(held[-1]),
        currencies=_currencies(held[-1]),
        held_before=[one for one in before if one.amount_minor],
        starts_on=start,
        postings=_postings(organization_id, posted, start, through),
        held=[one for some in dict(zip(ends, held, strict=True)).values() for one in some],
    )


def books_of_export(export: BookExport, name: str) -> Books:
    """What a numbered export holds. Its files follow each other: each opens the accounts that are new in it, and states
    what accounts hold at the ends of the months that were closed since the last one."""
    organization_id = export.organization_id
    upto = {
        number: [batch for batch, of in _batches(organization_id) if of <= number]
        for number in (export.number - 1, export.number)
    }
    earlier = set(upto[export.number - 1])
    own = [batch for batch in upto[export.number] if batch not in earlier]
    known = {one.account for one in _held(organization_id, list(earlier), [date.max])[0]}
    last = BookExport.objects.filter(organization_id=organization_id, number__lt=export.number)
    asserted = max((one.asserted_through for one in last if one.asserted_through), default=None)
    everything = _held(organization_id, upto[export.number], [date.max])[0]
    ends: list[date] = []
    if export.asserted_through and everything:
        begun = _first_day(upto[export.number]) if asserted is None else _next(asserted)
        ends = month_ends(begun, export.asserted_through) if begun else []
    return Books(
        title=name,
        notes=[
            (
                f"Export {export.number}: {len(own)} posted {'batch' if len(own) == 1 else 'batches'}."
                " Read it after the exports before it."
            ),
        ],
        names=_names(organization_id),
        # Without currencies: a later file may bring another one, and can't open the account anew.
        opened=[Opened(code) for code in sorted({one.account for one in everything} - known)],
        currencies=_currencies(everything),
        held_before=(),
        starts_on=None,
        postings=_postings(organization_id, own),
        held=[one for some in _held(organization_id, upto[export.number], _following(ends)) for one in some],
    )


def export_numbered(organization_id: UUID, number: int) -> BookExport:
    """A numbered export. Refused `export_unknown`."""
    found = BookExport.objects.filter(organization_id=organization_id, number=number).first()
    if found is None:
        raise Refused(
            "export_unknown",
            f"There is no export {number}.",
            field="export",
            value=number,
            fix="`paidthru books exports` and the page Exports list them.",
        )
    return found


def book_file(organization_id: UUID, books: Books, form: str) -> Iterator[str]:
    """The file in one of `rules/exporting.FORMATS`, in parts of text. Refused `format_unknown`."""
    if form not in FORMATS:
        raise Refused(
            "format_unknown",
            f"“{form}” is no format of ours.",
            field="format",
            value=form,
            fix=f"Choose one of: {', '.join(FORMATS)}.",
        )
    if form == "csv":
        return write_csv(_csv_lines(organization_id, books), CSV_HEADERS)
    return WRITERS[form](books)


def _csv_lines(organization_id: UUID, books: Books) -> Iterator[Sequence[Cell]]:
    about = {one.code: (one.number, one.kind) for one in accounts_of(organization_id)}
    for one in books.postings:
        number, kind = about[one.account]
        money = Money(abs(one.amount_minor), one.currency)
        sides = (money, None) if one.amount_minor > 0 else (None, money)
        yield (one.on, one.batch, str(one.journal_id), one.text, books.names[one.account], number, one.account, kind,
               one.currency, *sides)  # fmt: skip


def _names(organization_id: UUID) -> dict[str, str]:
    return dict(book_names((one.code, one.kind) for one in accounts_of(organization_id)))


def _batches(organization_id: UUID) -> list[tuple[UUID, int]]:
    found = Batch.objects.filter(organization_id=organization_id, exported__isnull=False)
    return list(found.order_by("number").values_list("id", "exported__export__number"))


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _following(days: Sequence[date]) -> list[date]:
    return [_next(day) for day in days]


def _first_day(batches: Sequence[UUID]) -> date | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(effective_on) FROM ledger_journal WHERE batch_id = ANY(%s)", [list(batches)]
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _opened(held: Sequence[Held]) -> list[Opened]:
    currencies: dict[str, list[str]] = {}
    for one in held:
        currencies.setdefault(one.account, []).append(one.currency)
    return [Opened(code, sorted(some)) for code, some in sorted(currencies.items())]


def _currencies(held: Sequence[Held]) -> list[str]:
    return sorted({one.currency for one in held})


def _held(organization_id: UUID, batches: Sequence[UUID], days: Sequence[date]) -> list[list[Held]]:
    """What every account holds by these batches before each of the days, by account and currency; without the accounts
    that nothing had touched by then. Every entry is looked at once, whatever the number of days."""
    marks = sorted(set(days))
    if not marks:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.code, a.currency, moved.stretch, sum(moved.amount)
               FROM (SELECT e.account_id, width_bucket(j.effective_on, %(marks)s::date[]) AS stretch,
                            sum(e.amount_minor) AS amount
                     FROM ledger_journal j JOIN ledger_entry e ON e.journal_id = j.id
                     WHERE j.organization_id = %(organization)s AND j.batch_id = ANY(%(batches)s)
                           AND j.effective_on < %(last)s
                     GROUP BY 1, 2) moved
                    JOIN ledger_account a ON a.id = moved.account_id
               WHERE a.kind <> 'memo' GROUP BY 1, 2, 3 ORDER BY 1, 2""",
            {"marks": marks, "last": marks[-1], "batches": list(batches), "organization": organization_id},
        )
        moved: dict[tuple[str, str], dict[int, int]] = {}
        for code, currency, stretch, amount in cursor.fetchall():
            moved.setdefault((code, currency), {})[stretch] = int(amount)
    found = {day: _held_before(day, n, moved) for n, day in enumerate(marks)}
    return [found[day] for day in days]


def _held_before(day: date, n: int, moved: dict[tuple[str, str], dict[int, int]]) -> list[Held]:
    """What moved before the n-th of some days, which ends the stretches up to n."""
    through = date.fromordinal(day.toordinal() - 1)
    return [
        Held(code, currency, sum(amount for at, amount in by.items() if at <= n), through)
        for (code, currency), by in moved.items()
        if min(by) <= n
    ]


def _postings(
    organization_id: UUID, batches: Sequence[UUID], start: date = date.min, through: date = date.max
) -> Iterator[Posting]:
    """Entries of batches on local dates [start, through], in order of date and journal (the index journal_by_date gives
    them as they are), debits first."""
    rows = (
        Entry.objects.filter(
            journal__organization_id=organization_id,
            journal__batch_id__in=batches,
            journal__effective_on__gte=start,
            journal__effective_on__lte=through,
        )
        .exclude(account__kind="memo")
        .order_by("journal__effective_on", "journal_id", "-amount_minor", "id")
        .values_list(
            "journal_id", "journal__effective_on", "journal__batch__number", "journal__text", "account__code",
            "journal__currency", "amount_minor",
        )
    )  # fmt: skip
    return (Posting(*row) for row in rows.iterator(chunk_size=2000))
