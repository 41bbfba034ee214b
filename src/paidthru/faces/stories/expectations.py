"""The expectations read: each becomes what was expected and what is so, both as text; they match when equal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from paidthru.actions.submit import Selection, submit_list
from paidthru.assessments.queries import balances_of_unit
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import owed_by
from paidthru.invoicing.rules.states import shown_state
from paidthru.kernel.clock import time_zone
from paidthru.kernel.periods import add_months, first_of_month
from paidthru.ledger.queries import balances_of_party, batches_called, trial_balance
from paidthru.ledger.rules.chart import CHART
from paidthru.ledger.rules.postings import MEMO_BILLED, RECEIVABLE
from paidthru.membership.models import RunItem
from paidthru.membership.queries import (
    label_on,
    membership_of,
    newest_term,
    next_charge,
    run_named,
    run_totals,
)
from paidthru.payments.queries import attempts_of, batch_amounts, collected, credit_of, label_of, last_attempt
from paidthru.people.queries import unit_named

from .dunning_steps import READERS as DUNNING_READERS
from .expectation_forms import (
    AttemptsAre,
    BatchIs,
    InvoiceIs,
    InvoicesCount,
    LedgerIs,
    MailTo,
    MemberCredit,
    MemberHasNoMembership,
    MemberIs,
    MemberIsOn,
    MemberNextCharge,
    MemberNoNextCharge,
    MemberOwes,
    MemberPaidThrough,
    MemberRenewedThrough,
    MemberTerm,
    NoAttempts,
    NoMailTo,
    PaymentIs,
    RevenueIs,
    RunIs,
    SettlementIs,
    SkippedIs,
    SubmitListIs,
)
from .forms import Expectation
from .giving_steps import GIVING_READERS
from .home_steps import HOME_READERS
from .household_forms import CoverIs, NoCover, PayerIs
from .household_steps import cover, paying
from .joining_forms import NoticeSays, NoticeSaysNot
from .joining_steps import notice_says
from .mail_expectations import mail, no_mail
from .pledge_steps import PLEDGE_READERS
from .policy_forms import PolicyIs
from .policy_steps import policy_is
from .refund_forms import RefundIs
from .refund_steps import refund_is
from .retry_forms import InvoiceWaits, WaitingListIs
from .retry_steps import waiting_list, waits
from .telling import Telling
from .ticket_steps import TICKET_READERS
from .values import AmountText, LedgerRow


@dataclass(frozen=True, slots=True)
class Difference:
    """What a line expects and what is so instead. `line` counts from 1; `text` is the line as written."""

    line: int
    text: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """An expectation's two sides."""

    expected: str
    got: str


def _amount(telling: Telling, amount: AmountText) -> str:
    return telling.shown(*telling.money(amount))


def _in(telling: Telling, by_currency: dict[str, int], amount: AmountText) -> str:
    """What there is of the currency that the expected amount is in."""
    currency = telling.money(amount)[1]
    return telling.shown(by_currency.get(currency, 0), currency)


# ---------------------------------------------------------------- members


def _is(telling: Telling, line: MemberIs) -> Comparison:
    membership = membership_of(telling.party(line.member).id)
    if membership is None:
        return Comparison(line.label, "no membership")
    return Comparison(line.label, label_on(membership, telling.policies, telling.desk.today))


def _is_on(telling: Telling, line: MemberIsOn) -> Comparison:
    membership = membership_of(telling.party(line.member).id)
    on_plan = membership is not None and membership.state != "ended"
    return Comparison(line.plan, membership.plan.name if membership and on_plan else "no membership")


def _has_none(telling: Telling, line: MemberHasNoMembership) -> Comparison:
    party = telling.find_party(line.member)
    membership = membership_of(party.id) if party else None
    none = membership is None or membership.state == "ended"
    return Comparison(
        "no membership", "no membership" if none or membership is None else membership.plan.name
    )


def _day(on: date | None) -> str:
    return on.isoformat() if on else "never"


def _paid_through(telling: Telling, line: MemberPaidThrough) -> Comparison:
    return Comparison(_day(line.on), _day(telling.membership(line.member).paid_through))


def _renewed_through(telling: Telling, line: MemberRenewedThrough) -> Comparison:
    return Comparison(_day(line.on), _day(telling.membership(line.member).renewed_through))


def _next_charge_shown(telling: Telling, name: str) -> str:
    party = telling.party(name)
    membership = membership_of(party.id)
    charge = next_charge(membership, telling.policies, telling.desk.today) if membership else None
    return (
        f"{telling.shown(charge.amount_minor, charge.currency)} on {charge.on}"
        if charge
        else "no next charge"
    )


def _next_charge(telling: Telling, line: MemberNextCharge) -> Comparison:
    return Comparison(
        f"{_amount(telling, line.amount)} on {line.on}", _next_charge_shown(telling, line.member)
    )


def _no_next_charge(telling: Telling, line: MemberNoNextCharge) -> Comparison:
    return Comparison("no next charge", _next_charge_shown(telling, line.member))


def _term(telling: Telling, line: MemberTerm) -> Comparison:
    membership = telling.membership(line.member)
    term = newest_term(membership.id)
    if term is None:
        return Comparison(f"{line.starts} to {line.ends}", "no term")
    got = f"{term.start_on} to {term.end_on - timedelta(days=1)}"
    if line.amount is None:
        return Comparison(f"{line.starts} to {line.ends}", got)
    currency = membership.plan.currency
    return Comparison(
        f"{line.starts} to {line.ends} {_amount(telling, line.amount)}",
        f"{got} {telling.shown(term.amount_minor, currency)}",
    )


def _owes(telling: Telling, line: MemberOwes) -> Comparison:
    owed = owed_by(telling.party(line.member).id)
    return Comparison(_amount(telling, line.amount), _in(telling, owed, line.amount))


def _credit(telling: Telling, line: MemberCredit) -> Comparison:
    credit = credit_of(telling.party(line.member).id)
    return Comparison(_amount(telling, line.amount), _in(telling, credit, line.amount))


# ---------------------------------------------------------------- invoices, attempts, payments


def _invoice(telling: Telling, line: InvoiceIs) -> Comparison:
    invoice = telling.invoice(line.invoice)
    state = shown_state(invoice.state, invoice.due_on, invoice.balance_minor, telling.desk.today)
    expected = f"{line.state} {_amount(telling, line.amount)}"
    got = f"{state} {telling.shown(invoice.total_minor, invoice.currency)}"
    if line.balance is not None:
        expected += f" balance {_amount(telling, line.balance)}"
        got += f" balance {telling.shown(invoice.balance_minor, invoice.currency)}"
    return Comparison(expected, got)


def _invoices(telling: Telling, line: InvoicesCount) -> Comparison:
    return Comparison(str(line.count), str(Invoice.objects.filter(party=telling.party(line.member)).count()))


#: Attempts are told in fewer words than there are states.
_OUTCOMES = {"submitted": "unknown", "needs_review": "unknown", "rejected": "declined"}


def _history(telling: Telling, name: str, timed: list[bool]) -> str:
    zone = time_zone(telling.organization.zone)
    told = []
    for place, attempt in enumerate(attempts_of(telling.party(name).id)):
        assert attempt.submitted_at is not None  # attempts_of gives those that reached the gateway
        at = attempt.submitted_at.astimezone(zone)
        day = f"{at:%Y-%m-%d %H:%M}" if place < len(timed) and timed[place] else f"{at:%Y-%m-%d}"
        told.append(f"{day} {_OUTCOMES.get(attempt.state, attempt.state)}")
    return ", ".join(told) or "no attempts"


def _attempts(telling: Telling, line: AttemptsAre) -> Comparison:
    expected = [
        f"{one.on} {one.at:%H:%M} {one.outcome}" if one.at else f"{one.on} {one.outcome}"
        for one in line.attempts
    ]
    got = _history(telling, line.member, [one.at is not None for one in line.attempts])
    return Comparison(", ".join(expected), got)


def _no_attempts(telling: Telling, line: NoAttempts) -> Comparison:
    return Comparison("no attempts", _history(telling, line.member, []))


def _settlement(telling: Telling, line: SettlementIs) -> Comparison:
    attempt = last_attempt(telling.invoice(line.invoice).id)
    if attempt is None:
        return Comparison(line.label, "not submitted")
    days = telling.policies.number("collect.reconcile_timeout_days")
    zone, on = telling.organization.zone, telling.desk.today
    return Comparison(line.label, label_of(attempt, zone=zone, on=on, timeout_days=days).value)


def _payment(telling: Telling, line: PaymentIs) -> Comparison:
    payment = telling.payment(line.payment)
    return Comparison(
        f"{_amount(telling, line.amount)} {line.state}",
        f"{telling.shown(payment.amount_minor, payment.currency)} {payment.state.replace('_', ' ')}",
    )


# ---------------------------------------------------------------- runs, batches, books


def _run(telling: Telling, line: RunIs) -> Comparison:
    skipped = "" if line.skipped is None else f", {line.skipped} skipped"
    expected = f"{line.billed} billed {_amount(telling, line.amount)}{skipped}"
    run = run_named(telling.organization.id, line.run)
    if run is None:
        return Comparison(expected, f"no run “{line.run}”")
    by_currency = {one.currency: one.amount_minor for one in run_totals([run])[run.id]}
    got = f"{run.billed} billed {_in(telling, by_currency, line.amount)}"
    return Comparison(expected, got if line.skipped is None else f"{got}, {run.skipped} skipped")


def _skipped(telling: Telling, line: SkippedIs) -> Comparison:
    membership = membership_of(telling.party(line.member).id)
    looked_at = RunItem.objects.filter(membership_id=membership.id) if membership else RunItem.objects.none()
    item = looked_at.order_by("-run_id").first()
    if item is None:
        return Comparison(line.reason, "in no run")
    return Comparison(line.reason, item.reason or f"billed: {item.detail}")


def _batch(telling: Telling, line: BatchIs) -> Comparison:
    batch = telling.batch(line.batch)
    if line.dated is not None:
        dated = [
            one for one in batches_called(telling.organization.id, line.batch) if one.dated_on == line.dated
        ]
        batch = dated[-1] if dated else batch
    state = "posted" if batch.state == "posted" else "open"
    expected = f"{line.state} {_amount(telling, line.amount)}"
    got = f"{state} {_in(telling, batch_amounts(batch.id), line.amount)}"
    if line.dated is not None:
        expected, got = f"{expected} dated {line.dated}", f"{got} dated {batch.dated_on}"
    return Comparison(expected, got)


def _submit_list(telling: Telling, line: SubmitListIs) -> Comparison:
    selection = Selection(line.due_by or telling.desk.today, line.name_contains or "")
    numbers, after = [], None
    while True:
        page, after = submit_list(telling.organization, selection, now=telling.desk.clock.now(), after=after)
        numbers += [one.number for one in page if not one.refused]
        if after is None:
            return Comparison(_listed(line.invoices), _listed(numbers))


def _listed(numbers: tuple[int, ...] | list[int]) -> str:
    return ", ".join(f"invoice {number}" for number in sorted(numbers)) or "empty"


_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _revenue(telling: Telling, line: RevenueIs) -> Comparison:
    """Calendar periods: a quarter begins in January, April, July or October."""
    months = _MONTHS[line.period]
    month = first_of_month(telling.desk.today)
    start = add_months(month, -((month.month - 1) % months))
    amount_minor, currency = telling.money(line.amount)
    got = collected(telling.organization.id, currency, start, add_months(start, months))
    return Comparison(telling.shown(amount_minor, currency), telling.shown(got, currency))


#: Accounts that stories may name before the product books to them: nothing is there.
_LATER = frozenset(
    {"Pledges", "Disputes", "Refunds payable", "Income:Assessments", "Income:Visits", "Income:Tickets"}
)


def _ledger(telling: Telling, line: LedgerIs) -> Comparison:
    """Compares the accounts listed. With cash accounting Receivable reads the memo account."""
    expected, got = [], []
    whole = {(one.code, one.currency): one.balance_minor for one in trial_balance(telling.organization.id)}
    for row in line.rows:
        amount_minor, currency = telling.money(row.amount)
        shown = f"{row.account}:{row.of}" if row.of else row.account
        expected.append(f"{shown} {telling.shown(amount_minor, currency)}")
        got.append(f"{shown} {_balance(telling, row, whole, currency)}")
    return Comparison("; ".join(expected), "; ".join(got))


def _balance(telling: Telling, row: LedgerRow, whole: dict[tuple[str, str], int], currency: str) -> str:
    codes = [row.account]
    if row.account not in CHART and row.account not in _LATER and (row.account, currency) not in whole:
        if (f"Income:{row.account}", currency) not in whole:
            return "no such account"
        codes = [f"Income:{row.account}"]
    if row.account == RECEIVABLE and telling.policies.word("accounting.method") == "cash":
        codes = [RECEIVABLE, MEMO_BILLED]
    balances = whole
    if row.of is not None and telling.find_party(row.of) is None:
        balances = balances_of_unit(unit_named(telling.organization.id, row.of).id)
    elif row.of is not None:
        balances = balances_of_party(telling.organization.id, telling.party(row.of).id)
    return telling.shown(sum(balances.get((code, currency), 0) for code in codes), currency)


def _compared(
    reader: Callable[[Telling, Any], tuple[str, str]],
) -> Callable[[Telling, Any], Comparison]:
    return lambda telling, line: Comparison(*reader(telling, line))


_READERS_OF_ROOMS = DUNNING_READERS | HOME_READERS | GIVING_READERS | PLEDGE_READERS | TICKET_READERS
_READERS: dict[type[Expectation], Callable[[Telling, Any], Comparison]] = {
    MemberIs: _is,
    MemberIsOn: _is_on,
    MemberHasNoMembership: _has_none,
    MemberPaidThrough: _paid_through,
    MemberRenewedThrough: _renewed_through,
    MemberNextCharge: _next_charge,
    MemberNoNextCharge: _no_next_charge,
    MemberTerm: _term,
    MemberOwes: _owes,
    MemberCredit: _credit,
    InvoiceIs: _invoice,
    InvoicesCount: _invoices,
    AttemptsAre: _attempts,
    NoAttempts: _no_attempts,
    SettlementIs: _settlement,
    PaymentIs: _payment,
    RunIs: _run,
    SkippedIs: _skipped,
    BatchIs: _batch,
    SubmitListIs: _submit_list,
    RevenueIs: _revenue,
    LedgerIs: _ledger,
    WaitingListIs: lambda telling, line: Comparison(*waiting_list(telling, line)),
    InvoiceWaits: lambda telling, line: Comparison(*waits(telling, line)),
    RefundIs: lambda telling, line: Comparison(*refund_is(telling, line)),
    PolicyIs: lambda telling, line: Comparison(*policy_is(telling, line)),
    PayerIs: lambda telling, line: Comparison(*paying(telling, line)),
    CoverIs: lambda telling, line: Comparison(*cover(telling, line)),
    NoCover: lambda telling, line: Comparison(*cover(telling, line)),
    NoticeSays: lambda telling, line: Comparison(*notice_says(telling, line)),
    NoticeSaysNot: lambda telling, line: Comparison(*notice_says(telling, line)),
    MailTo: lambda telling, line: Comparison(*mail(telling, line)),
    NoMailTo: lambda telling, line: Comparison(*no_mail(telling, line)),
    **{form: _compared(reader) for form, reader in _READERS_OF_ROOMS.items()},
}


def read(telling: Telling, line: Expectation) -> Difference | None:
    """What differs from one expectation, None when it holds. Raises Refused when the line names what isn't there."""
    found = _READERS[type(line)](telling, line)
    if found.expected == found.got:
        return None
    return Difference(line.line, line.text, found.expected, found.got)
