"""What a policy means, computed on an example: a sentence for each, by the same rules that bill (requirements A4).

Pure. The figures are round ones of the organization's currency, the days lie around the local date `today`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from uuid import UUID

from paidthru.kernel.money import exponent, plain
from paidthru.kernel.periods import Interval, Period, Unit, add_months, first_of_next_month, fixed_period
from paidthru.membership.rules.pricing import Fee, price_term, proration
from paidthru.membership.rules.settings import late_payment, term_rules
from paidthru.membership.rules.status import LABELS, past_due_word
from paidthru.membership.rules.terms import first_term, term_after_late_payment
from paidthru.organizations.rules.numbering import fiscal_year, labelled, numbering
from paidthru.organizations.rules.policies import Policies
from paidthru.organizations.rules.slots import slot_of

_YEAR = Interval(12, Unit.MONTH)
_NOBODY = UUID(int=0)
_AFTER_TRIES = {
    "downgrade": "it moves to the default plan",
    "cancel": "it ends",
    "staff_queue": "it waits for staff",
    "stay_past_due": "it stays so",
}
_MAILS = ("the reminder", "the second reminder", "the final notice", "a past-due notice")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an example is computed from: the policies, the local date, the zone and the currency."""

    policies: Policies
    today: date
    zone: str
    currency: str

    def money(self, units: int) -> str:
        """A round amount with its currency; `units` are whole ones of it."""
        return f"{plain(units * 10 ** exponent(self.currency), self.currency)} {self.currency}"


def illustrate(key: str, asked: Asked) -> str:
    """The example of a policy as a sentence; '' where none can be computed."""
    sentence = _SENTENCES.get(key)
    return sentence(asked) if sentence else ""


def _joiner(asked: Asked) -> str:
    rules = term_rules(asked.policies)
    term = first_term(rules, asked.today, rules.standard)
    return f"Who joins today, {asked.today}, has a first term from {_through(term)}."


def _numbers(asked: Asked) -> str:
    pattern = numbering(asked.policies.word("invoice.numbering"))
    year = fiscal_year(asked.today, asked.policies.number("term.first_month"))
    first = labelled(pattern.prefix(year.start.year), pattern.width, 1)
    if not pattern.yearly:
        return f"The first invoice is {first}, the tenth {labelled(pattern.before, pattern.width, 10)}."
    again = labelled(pattern.prefix(year.end.year), pattern.width, 1)
    return f"The first invoice of this fiscal year is {first}, the first from {year.end} on {again}."


def _month_seven(asked: Asked) -> str:
    rules, kind = term_rules(asked.policies), asked.policies.word("proration.join")
    price = 200 * 10 ** exponent(asked.currency)
    if kind == "table":
        return "Who joins in month 7 pays the table’s seventh factor of the price."
    if rules.basis != "annual" or not rules.first_month:
        return f"Terms are each member’s own, so a fee of {asked.money(200)} is paid in full."
    year = fixed_period(asked.today, rules.first_month, 12)
    period = Period(add_months(year.start, 6), year.end)
    fee = Fee(_NOBODY, "The fee", price, primary=True, voluntary=False, complimentary=False, position=0)
    share = proration(rules, kind)  # type: ignore[arg-type]
    lines = price_term((fee,), period, _YEAR, _YEAR, asked.currency, share)
    cost = f"{plain(sum(line.amount_minor for line in lines), asked.currency)} {asked.currency}"
    return f"Who joins in month 7 of the year pays {cost} of a fee of {asked.money(200)}."


def _late(asked: Asked) -> str:
    start, paid_on = date(asked.today.year, 1, 1), date(asked.today.year, 4, 15)
    late = late_payment(asked.policies)
    billed = Period(start, add_months(start, 12))
    term = (term_after_late_payment(late, start, paid_on, _YEAR) if late else None) or billed
    return f"Billed from {_through(billed)} and paid on {paid_on}: the term is {_through(term)}."


def _tries(asked: Asked) -> str:
    due = first_of_next_month(asked.today)
    offsets = asked.policies.numbers("collect.offsets")[: asked.policies.number("collect.max_attempts")]
    days, day = [], due
    for offset in offsets:
        day += timedelta(days=offset)
        days.append(day.isoformat())
    return f"What is due on {due} is tried on {_listed(days)} as long as it fails."


def _ladder(asked: Asked) -> str:
    """As the ladder of an unpaid receivable goes: the state first, then that day's mail, a lapse's own mail last."""
    due, steps = first_of_next_month(asked.today), []
    exhausted, past_due = (
        asked.policies.call("collect.on_exhausted"),
        asked.policies.call("status.past_due_at"),
    )
    last = exhausted.number() if exhausted.name == "lapse" else None
    if past_due.name != "never":
        word = past_due_word(asked.policies.word("status.labels")) or "past due"
        steps.append((past_due.number() if past_due.args else 0, f"it is {word}"))
    for index, day in enumerate(asked.policies.numbers("dunning.mail_days")):
        if last is None or day < last:
            steps.append((day, _MAILS[min(index, len(_MAILS) - 1)]))
    if last is not None:
        steps = [*(step for step in steps if step[0] <= last), (last, "it lapses")]
    if exhausted.name in _AFTER_TRIES:
        days = sum(asked.policies.numbers("collect.offsets")[: asked.policies.number("collect.max_attempts")])
        steps.append((days, f"the last try, after which {_AFTER_TRIES[exhausted.name]}"))
    told = [f"{due + timedelta(days=day)} {what}" for day, what in sorted(steps, key=lambda step: step[0])]
    return f"Due on {due} and not paid: {_listed(told)}." if told else "Nothing happens by itself."


def _announced(asked: Asked) -> str:
    due, value = (
        first_of_next_month(add_months(asked.today, 1)),
        asked.policies.effective("renewal.notice_days").value,
    )
    days = value if isinstance(value, list) else [value] if isinstance(value, int) else []
    if not days:
        return ""
    told = [(due - timedelta(days=one)).isoformat() for one in sorted(days, reverse=True)]
    return f"A renewal on {due} is announced on {_listed(told)}."


def _times(asked: Asked) -> str:
    slot, kind = slot_of(asked.policies, asked.zone), asked.policies.call("billing.slot").name
    if kind == "on_submit":
        return "Whoever is due is charged as soon as staff submit."
    if slot.opens == slot.closes:
        return f"Everybody who is due is charged at {slot.time_of(1):%H:%M}."
    times = [f"{slot.time_of(number):%H:%M}" for number in (1, 2, 3)]
    return f"Members number 1, 2 and 3 are charged at {_listed(times)}."


def _balance(asked: Asked) -> str:
    billed = f"Of {asked.money(100)} billed, {asked.money(80)} is paid"
    if asked.policies.word("balance.carry_previous") == "on":
        return f"{billed}: the next bill asks for {asked.money(120)}."
    return (
        f"{billed}: the next bill asks for {asked.money(100)}, and {asked.money(20)} stays owed on the first."
    )


def _income(asked: Asked) -> str:
    month = "December" if asked.policies.word("accounting.method") == "accrual" else "January"
    return f"{asked.money(120)} billed in December and paid in January is income of {month}."


def _paid(asked: Asked) -> str:
    plan = f"A plan of {asked.money(100)} with a further fee of {asked.money(20)}: paid through moves"
    moves = {
        "billed": "when it is billed",
        "paid": f"when all {asked.money(120)} is paid",
        "primary_paid": f"when the plan’s {asked.money(100)} is paid",
        "line_paid": f"when the line of {asked.money(100)} is paid in full",
    }
    return f"{plan} {moves[asked.policies.word('paid_through.on')]}."


def _labels(asked: Asked) -> tuple[str, ...]:
    return LABELS[asked.policies.word("status.labels")]


def _named(asked: Asked) -> str:
    return f"A membership is {', '.join(_labels(asked)[:-1])} or {_labels(asked)[-1]}."


def _canceled(asked: Asked) -> str:
    start = asked.today.replace(day=1)
    term = Period(start, add_months(start, 12))
    last = {
        "end_of_cycle": f"it lasts through {term.through}",
        "on_date": f"it lasts until the date that is given, else through {term.through}",
        "immediate": "it is over at once",
    }[asked.policies.word("cancel.effective")]
    then = asked.policies.word("cancel.then")
    after = ", and then goes on as the default plan" if then == "downgrade" else ""
    return f"A term from {_through(term)}, canceled today: {last}{after}."


def _credited(asked: Asked) -> str:
    left = asked.money(60 if asked.policies.word("switch.credit") == "unused_time" else 0)
    return f"With half a year of {asked.money(120)} left, a change of plan at once credits {left}."


def _through(term: Period) -> str:
    return f"{term.start} through {term.through}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


_SENTENCES: Mapping[str, Callable[[Asked], str]] = MappingProxyType(
    {
        "term.basis": _joiner,
        "term.first_month": _joiner,
        "term.interval_months": _joiner,
        "term.new_from": _joiner,
        "term.advance_as_of": _joiner,
        "term.late_payment": _late,
        "proration.join": _month_seven,
        "invoice.numbering": _numbers,
        "paid_through.on": _paid,
        "collect.offsets": _tries,
        "collect.max_attempts": _tries,
        "collect.on_exhausted": _ladder,
        "dunning.mail_days": _ladder,
        "status.past_due_at": _ladder,
        "status.labels": _named,
        "billing.slot": _times,
        "renewal.notice_days": _announced,
        "balance.carry_previous": _balance,
        "accounting.method": _income,
        "cancel.effective": _canceled,
        "cancel.then": _canceled,
        "switch.credit": _credited,
    }
)
