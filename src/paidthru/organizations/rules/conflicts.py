"""Settings that exclude each other, each with the source's reason and the way out.

Refused is what can't be obeyed, once somebody has set it. What merely has no effect beside the rest is said on the
settings pages and left alone, so that one may be changed without the other (G-42: the previous balance isn't kept with
accrual even where it is switched on).
"""

from collections.abc import Iterator

from paidthru.kernel.errors import Refused
from paidthru.organizations.rules.policies import Policies

_EACH_MEMBERS_OWN = "term.interval_months"  # set for thousands of customers, and it excludes nothing


def conflicts(policies: Policies) -> tuple[Refused, ...]:
    """What excludes each other in the values that hold where `policies` are asked (`Policies.within`)."""
    return (*_terms(policies), *_money(policies), *_collecting(policies))


def refuse_new(
    before: Policies, after: Policies, *, scope: str = "organization", scope_id: object = ""
) -> None:
    """Raises the first conflict that a change brings: `policy_conflict`. What was so before is nobody's fault now."""
    places = {(scope, str(scope_id or ""))}
    if scope == "organization":
        places |= {(at, of) for at, of, key in after.settings if of and key != _EACH_MEMBERS_OWN}
    for at, of in sorted(places):
        known = {conflict.message for conflict in conflicts(_at(before, at, of))}
        for conflict in conflicts(_at(after, at, of)):
            if conflict.message not in known:
                raise conflict


def without_effect(policies: Policies) -> tuple[str, ...]:
    """What is decided and changes nothing beside the rest: sentences for the settings pages."""
    return (*_idle_endings(policies), *_idle(policies))


def _at(policies: Policies, scope: str, scope_id: str) -> Policies:
    return policies if scope == "organization" else policies.within(**{scope: scope_id})


def _is_set(policies: Policies, *keys: str) -> bool:
    return all(not policies.effective(key).source.startswith("preset") for key in keys)


def _conflict(policies: Policies, key: str, message: str, fix: str) -> Refused:
    return Refused("policy_conflict", message, field=key, value=policies.word(key), fix=fix)


def _terms(policies: Policies) -> Iterator[Refused]:
    basis, cash = policies.word("term.basis"), policies.word("accounting.method") == "cash"
    prorated = policies.word("proration.join")
    if basis == "anniversary" and prorated in ("months", "table") and _is_set(policies, "proration.join"):
        yield _conflict(
            policies,
            "proration.join",
            "Prorating by months or by a table needs annual terms: with anniversary terms everybody has a full term.",
            "Set proration.join = none, or term.basis = annual. (G-34, G-35)",
        )
    if cash and policies.word("paid_through.on") in ("line_paid", "billed"):
        yield _conflict(
            policies,
            "paid_through.on",
            f"paid_through.on = {policies.word('paid_through.on')} exists with accrual accounting only.",
            "Set paid_through.on = paid or primary_paid, or accounting.method = accrual. (G-12, G-15, G-16)",
        )
    if policies.word("term.late_payment") != "keep_anchor" and (not cash or basis != "anniversary"):
        yield _conflict(
            policies,
            "term.late_payment",
            "A late payer's term begins again with cash accounting and anniversary terms only.",
            "Set term.late_payment = keep_anchor, or accounting.method = cash and term.basis = anniversary. (G-30)",
        )
    if (
        basis == "annual"
        and policies.number("term.first_month") == 0
        and policies.word("billing.trigger") == "auto"
        and _is_set(policies, "term.first_month")
    ):
        yield _conflict(
            policies,
            "term.first_month",
            "Annual terms that the calendar bills need a first month: with 0 each effective date is entered by hand.",
            "Set term.first_month to 1-12, or billing.trigger = staff_run. (G-19, G-21)",
        )


def _money(policies: Policies) -> Iterator[Refused]:
    carried = policies.word("balance.carry_previous") == "on"
    carries = policies.word("collect.arrears") == "carry_balance"
    if carries and not carried and _is_set(policies, "balance.carry_previous"):
        yield _conflict(
            policies,
            "collect.arrears",
            "Arrears can't be carried on to the new bill while previous balances stay with their own.",
            "Set balance.carry_previous = on, or another collect.arrears. (G-40, X10)",
        )


def _collecting(policies: Policies) -> Iterator[Refused]:
    if (
        policies.word("billing.slot") == "on_submit"
        and policies.word("billing.trigger") == "auto"
        and policies.word("collect.submit") == "daily"
        and _is_set(policies, "billing.slot")
    ):
        yield _conflict(
            policies,
            "billing.slot",
            "Nobody submits where the calendar bills and collects: it needs a time of day.",
            "Set billing.slot = spread or fixed_time, or collect.submit = by_hand. (X2)",
        )


def _idle_endings(policies: Policies) -> Iterator[str]:
    offsets, budget = policies.numbers("collect.offsets"), policies.number("collect.max_attempts")
    past_due, exhausted = policies.call("status.past_due_at"), policies.call("collect.on_exhausted")
    restricted, ends = policies.word("access.restrict"), exhausted.name
    if len(offsets) > budget:
        yield f"collect.offsets plans {len(offsets)} tries, and collect.max_attempts ends them after {budget}."
    if exhausted.name == "lapse" and sum(offsets) > exhausted.number():
        yield f"The last try would come on day {sum(offsets)}, after the lapse on day {exhausted.number()}."
    if exhausted.name == "lapse":
        late = [str(day) for day in policies.numbers("dunning.mail_days") if day > exhausted.number()]
        if late:
            yield f"The lapse on day {exhausted.number()} comes before the reminders of day {', '.join(late)}."
    if past_due.name == "never" and ends == "stay_past_due":
        yield "Memberships can't stay past due where none is ever called so. (X3, X6)"
    if (past_due.name, ends) == ("day", "lapse") and past_due.number() >= exhausted.number() > 0:
        yield f"Nobody is ever past due: the membership lapses on day {exhausted.number()} before. (A-48, A-49)"
    if restricted == "at_lapse" and ends != "lapse":
        yield "Access never ends: no membership lapses here. (C-35, X3)"
    if restricted == "at_downgrade" and ends != "downgrade" and policies.word("cancel.then") != "downgrade":
        yield "Access never ends: nobody is moved to the default plan here. (P-21, X3)"


def _idle(policies: Policies) -> Iterator[str]:
    if policies.word("accounting.method") == "cash" and _is_set(policies, "accounting.defer"):
        yield "accounting.defer spreads income with accrual accounting only."
    carries = (
        policies.word("collect.arrears") == "carry_balance" or policies.word("balance.carry_previous") == "on"
    )
    if policies.word("accounting.method") == "accrual" and carries:
        yield "Previous balances are kept with cash accounting only: with accrual they stand in the receivables."
    if policies.word("staff.separation") == "off" and policies.number("refund.approve_above"):
        yield "refund.approve_above counts with staff.separation = on only."
    both = (policies.word("switch.effective.staff"), policies.word("switch.effective.member"))
    if policies.word("switch.credit") == "unused_time" and "now" not in both:
        yield "switch.credit has nothing to credit: every change of plan waits for the next renewal."
    if (
        policies.number("status.grace_months")
        and policies.word("status.labels") != "association"
        and policies.word("access.restrict") != "by_paid_through"
    ):
        yield "status.grace_months counts with an association's words or access by paid through only."
