"""The demonstration: the main job of a club's year, told in the terminal, on a sandbox of its own.

Everything that is shown is done by the same actions that the console and the API call. The sandbox's clock stands at a
date of the story's, so the demonstration is the same whenever it is given.
"""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from paidthru.faces.cli import books, demo_invoices, members, working
from paidthru.faces.cli.shell import amount, bar, heading, me, say, table
from paidthru.kernel.clock import SystemClock, local_instant

if TYPE_CHECKING:
    from paidthru.membership.models import BillingRun
    from paidthru.membership.rules.roster_report import ImportReport
    from paidthru.organizations.models import Organization
    from paidthru.runs import Desk

NAME, SLUG, ZONE = "Maple Grove Tennis Club", "maple-grove-tennis-club", "America/New_York"
EMAIL, WHO = "treasurer@maplegrove.example", "Tess Treasurer"
ROSTER = "example_roster.csv"
RUN = "Dues 2027"
TODAY, EFFECTIVE, COLLECT = date(2026, 12, 1), date(2027, 1, 1), date(2027, 1, 2)
PRICES = {"Adult": 24_000, "Couple": 39_500, "Junior": 9_000, "Senior": 18_000, "Life": None}
# Cards that will not pay, each by its place among the members on autopay; the others are fine.
TROUBLE = {7: "insufficient_funds", 23: "expired", 41: "insufficient_funds", 58: "lost_card", 76: "expired",
           90: "insufficient_funds"}  # fmt: skip
SHOWN = 6


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to look at the club afterwards, in the console."""

    slug: str
    email: str
    password: str


def tell() -> SignIn:
    """Does the main job once and tells it: roster, preview, run, collection, other invoices, books, invariants."""
    from paidthru.wiring import desk_for

    heading("1  The club")
    organization = _club()
    password = _treasurer(organization)
    at = desk_for(organization)
    say(
        f"{organization.name} is a sandbox: it has its own clock, which stands at {at.today:%-d %B %Y}, and a processor"
        " that moves no real money. It bills like an association, with accrual books."
    )
    heading("2  The roster comes in")
    report = _import(at)
    _cards(at)
    demo_invoices.discounts(at)
    heading(f"3  The preview of the run “{RUN}”")
    run = _preview(at)
    heading("4  The run")
    run = _bill(at, run)
    heading("5  The money")
    collected = _collect(at, run)
    heading("6  The other invoices")
    told = demo_invoices.invoices(at)
    heading("7  The books")
    books.show_balance(organization.id)
    heading("8  The invariants")
    broken = _check(organization)
    heading("9  Where to find it in the console")
    demo_invoices.where(told)
    heading("In a sentence")
    _sum_up(report, run, collected, broken, organization.currency)
    return SignIn(organization.slug, EMAIL, password)


def _club() -> "Organization":
    from django.db import transaction

    from paidthru.actions.discard_sandbox import discard_sandbox
    from paidthru.actions.put_away_first_steps import put_away_first_steps
    from paidthru.actions.set_policy import set_policy
    from paidthru.organizations.models import Organization
    from paidthru.organizations.operations import create_organization, keep_templates

    now = local_instant(TODAY, time(9), ZONE)
    slug, n = SLUG, 1
    while (earlier := Organization.objects.filter(slug=slug).first()) is not None:
        if earlier.is_sandbox and earlier.name == NAME:
            discard_sandbox(earlier.id)
        else:  # somebody's own organization has that name: leave it alone
            n += 1
            slug = f"{SLUG}-{n}"
    with transaction.atomic():
        made = create_organization(name=NAME, preset="association", currency="USD", zone=ZONE, locale="en_US",
                                   mode="sandbox", now=now, slug=slug)  # fmt: skip
    set_policy(made, {"accounting.method": "accrual"}, actor=me(), now=now)
    with transaction.atomic():
        keep_templates(made, now=now)
    put_away_first_steps(made, actor=me(), now=now)
    return made


def _treasurer(organization: "Organization") -> str:
    from paidthru.actions.add_staff import add_staff

    password = secrets.token_urlsafe(12)
    add_staff(organization, email=EMAIL, name=WHO, roles=["finance", "approver", "admin"], password=password,
              actor=me(), now=SystemClock().now(), replace=True)  # fmt: skip
    return password


def _import(at: "Desk") -> "ImportReport":
    from paidthru.actions.import_members import commit_import, preview_import
    from paidthru.membership.rules.roster_report import Choices

    choices = Choices(create_plans=PRICES)
    now = at.clock.now()
    with as_file(files("paidthru.faces.cli").joinpath(ROSTER)) as path, path.open("rb") as stream:
        report = preview_import(at.organization, stream, choices, now=now, file_name=ROSTER)
        members.show(report)
        with bar("Importing") as told:
            done = commit_import(at.organization, stream, choices, actor=me(), now=now, file_name=ROSTER,
                                 token=report.token, progress=told)  # fmt: skip
    say(
        f"The good rows are in: {done.add:,} people. The {done.left_out:,} faulty ones wait for a correction; the file"
        " can be imported again at any time."
    )
    return done


def _cards(at: "Desk") -> None:
    """The members on autopay give their test cards, as they would in the portal; some of them will not pay."""
    from paidthru.actions.save_method import save_method
    from paidthru.membership.models import Membership
    from paidthru.wiring import processor_of

    processor, now = processor_of(at.organization), at.clock.now()
    paying = Membership.objects.filter(organization=at.organization, autopay=True).order_by("id")
    party_ids = list(paying.values_list("party_id", flat=True))
    with bar("Saving cards") as told:
        for n, party_id in enumerate(party_ids):
            saved = processor.save_method(str(party_id), "card", TROUBLE.get(n, "ok"))
            save_method(at.organization, party_id, saved, gateway="sandbox", actor=me(), now=now)
            told(n + 1, len(party_ids))
    say(
        f"{len(party_ids):,} members pay by themselves; their test cards are on file. {len(TROUBLE)} of these will not"
        " pay."
    )


def _preview(at: "Desk") -> "BillingRun":
    from paidthru.actions.preview_run import preview, start_run
    from paidthru.membership.queries import skipped_by_reason

    run = start_run(at.organization, name=RUN, effective_on=EFFECTIVE, actor=me(), now=at.clock.now())
    run = preview(run.id)
    currency = at.organization.currency
    say(
        f"Effective {EFFECTIVE:%-d %B %Y}: {run.billed:,} members would be billed"
        f" {amount(run.total_minor, currency)} {currency}; {run.skipped:,} are left out, each with the reason."
    )
    say()
    table(["Member", "Amount", "Why"], _examples(run, currency), right=["Amount"])
    reasons = ", ".join(f"{count} {reason}" for reason, count in skipped_by_reason(run).items())
    say()
    say(f"Left out: {reasons}. Nothing has been billed so far.")
    return run


def _examples(run: "BillingRun", currency: str) -> list[list[object]]:
    """A few proposals: three that are billed, then one of each reason for being left out."""
    from paidthru.membership.models import RunItem
    from paidthru.people.models import Party

    items = list(RunItem.objects.filter(run=run, reason="").order_by("seq")[: SHOWN // 2])
    left_out = RunItem.objects.filter(run=run).exclude(reason="")
    items += list(left_out.order_by("reason", "seq").distinct("reason"))
    names = dict(Party.objects.filter(id__in=[item.party_id for item in items]).values_list("id", "name"))
    return [
        [names[item.party_id], "–" if item.reason else amount(item.total_minor, currency), item.detail]
        for item in items
    ]


def _bill(at: "Desk", run: "BillingRun") -> "BillingRun":
    from paidthru.actions.commit_run import commit_run
    from paidthru.runs import write_run

    commit_run(run.id, actor=me(), now=at.clock.now(), token=run.preview_token)
    with bar("Billing") as told:
        run = write_run(run.id, actor=me(), now=at.clock.now(), progress=told)
    currency = at.organization.currency
    say(
        f"{run.billed:,} invoices, {amount(run.total_minor, currency)} {currency}, exactly as previewed, in batch"
        f" {run.batch.number if run.batch else ''}. Everybody billed is renewed through 31 December 2027, and nobody"
        " is paid through it yet."
    )
    return run


@dataclass(frozen=True, slots=True)
class _Collected:
    paid: int
    paid_minor: int
    declined: Mapping[str, int]
    refused: int


def _collect(at: "Desk", run: "BillingRun") -> _Collected:
    from paidthru import runs
    from paidthru.actions.review_run import review_run
    from paidthru.actions.submit import Selection
    from paidthru.payments.models import Attempt, Payment

    runs.advance(at, local_instant(COLLECT, time(9), ZONE))
    say(
        f"The sandbox's clock moves on to {COLLECT:%-d %B %Y}: the invoices are due. The run is reviewed, then those on"
        " autopay are submitted."
    )
    review_run(run.id, actor=me(), now=at.clock.now())
    done = runs.submit(at, Selection(COLLECT), actor=me())
    with bar("Collecting") as told:
        runs.collect_unsent(at, progress=told)
    currency = at.organization.currency
    paid = Payment.objects.filter(organization=at.organization)
    paid_minor = sum(paid.values_list("amount_minor", flat=True))
    declined = Counter(
        Attempt.objects.filter(organization=at.organization, state="declined").values_list(
            "decline_code", flat=True
        )
    )
    rows: list[list[object]] = [
        [
            "paid",
            f"{paid.count():,}",
            amount(paid_minor, currency),
            "each invoice, ledger entry and paid-through date",
        ]
    ]
    rows += [
        [f"declined: {code}", f"{count:,}", "–", "nothing was taken; the invoice stays open"]
        for code, count in sorted(declined.items())
    ]
    reasons = Counter(one.refused for one in done.refused)
    rows += [
        [f"not submitted: {why}", f"{count:,}", "–", "the card is asked for anew, not charged in vain"]
        for why, count in sorted(reasons.items())
    ]
    table(
        ["", "Cards", f"Amount ({currency})", "What it means"], rows, right=["Cards", f"Amount ({currency})"]
    )
    return _Collected(paid.count(), paid_minor, declined, len(done.refused))


def _check(organization: "Organization") -> int:
    found: dict[str, Any] = working.broken_of(organization)
    broken = len(found["violations"])
    if broken:
        working.show_check(found)
    else:
        say(f"All {len(found['invariants'])} hold, among them:")
        table(["", ""], [["ok", one["sentence"]] for one in found["invariants"][:4]])
    return broken


def _sum_up(
    report: "ImportReport", run: "BillingRun", collected: _Collected, broken: int, currency: str
) -> None:
    books_say = "the books balance to the cent" if not broken else f"{broken} invariants are violated"
    expired = f", {collected.refused} were not tried" if collected.refused else ""
    say(f"{report.rows:,} rows became {report.add:,} people, {run.billed:,} of them were billed"
        f" {amount(run.total_minor, currency)} {currency}, {collected.paid:,} cards paid"
        f" {amount(collected.paid_minor, currency)}, {sum(collected.declined.values())} declined{expired}, and"
        f" {books_say}.", style="bold")  # fmt: skip
