"""How policies are resolved, what excludes what, and what each means on an example (G-06 to G-14, G-30, G-34, G-35,
G-42, P-20, P-32, X7)."""

from collections.abc import Mapping
from datetime import date

import pytest

from paidthru.kernel.errors import Refused
from paidthru.membership.rules.illustrations import Asked, illustrate
from paidthru.membership.rules.status import LABELS
from paidthru.organizations.rules.conflicts import conflicts, refuse_new, without_effect
from paidthru.organizations.rules.policies import (
    CATALOGUE,
    PRESETS,
    SCOPES,
    SUBJECTS,
    Policies,
    Value,
    parse,
)
from paidthru.organizations.rules.vocabulary import WORDS, menu_words, words_of

TODAY = date(2026, 11, 22)


def policies(preset: str = "recommended", **own: str) -> Policies:
    """A preset with the organization's own settings, `__` for the dot."""
    named = {key.replace("__", "."): text for key, text in own.items()}
    return Policies.of(preset, [("organization", "", key, parse(key, text)) for key, text in named.items()])


# ---------------------------------------------------------------- resolution


def test_the_most_specific_level_that_is_set_holds_and_says_so() -> None:
    """G-09, as a table: every set of levels, the most specific first."""
    ids = {"subscription": "s", "plan": "p", "customer": "c", "organization": ""}
    key = "term.interval_months"
    for mask in range(16):
        levels = [scope for n, scope in enumerate(SCOPES) if mask & (1 << n)]
        rows: list[tuple[str, str, str, Value]] = [
            (scope, ids[scope], key, 3 + SCOPES.index(scope)) for scope in levels
        ]
        asked = Policies.of("association", rows).within(subscription="s", plan="p", customer="c")
        found = asked.effective(key)
        if not levels:
            assert (found.value, found.source) == (0, "preset association")
            continue
        assert (found.value, found.source) == (3 + SCOPES.index(levels[0]), levels[0])
        assert asked.number(key) == found.value
        for scope in levels:  # whoever else is asked for has none of these
            own = {} if scope == "organization" else {scope: "another"}
            others = Policies.of("association", [row for row in rows if row[0] == scope])
            expected = scope if scope == "organization" else "preset association"
            assert others.within(**own).effective(key).source == expected


def test_what_was_asked_for_before_stays_and_the_whole_is_the_organizations() -> None:
    rows: list[tuple[str, str, str, Value]] = [
        ("plan", "p", "term.late_payment", "restart_at_payment"),
        ("customer", "c", "term.late_payment", "keep_anchor"),
        ("customer", "c", "batch.post", "manual"),  # not a customer's to decide
    ]
    found = Policies.of("community", rows)
    assert found.word("term.late_payment") == "keep_anchor"
    assert found.within(plan="p").within(customer="c").word("term.late_payment") == "restart_at_payment"
    assert found.within(plan="p").whole().effective("term.late_payment").source == "preset community"
    assert found.within(customer="c").effective("batch.post").source == "preset community"
    assert found.differing("term.late_payment", "plan") == {"p": "restart_at_payment"}
    assert found.differing("batch.post", "customer") == {}
    without = found.changed({"term.late_payment": None}, scope="plan", scope_id="p").within(
        plan="p", customer="c"
    )
    assert without.effective("term.late_payment").source == "customer"


def test_calls_have_their_arguments() -> None:
    found = policies("coworking", collect__on_exhausted="lapse(45)", billing__slot="spread(7:30, 9:00)")
    assert found.call("collect.on_exhausted").number() == 45
    assert found.call("billing.slot").args == ("07:30", "09:00")
    assert found.call("cancel.then").name == "downgrade"
    assert found.call("cancel.then").args == ()


# ---------------------------------------------------------------- what excludes what

REFUSED: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("G-35", "association", {"term__basis": "anniversary", "proration__join": "months"}),
    ("G-12", "association", {"paid_through__on": "line_paid"}),
    ("G-12", "community", {"paid_through__on": "billed"}),
    ("G-30", "recommended", {"term__late_payment": "restart_after_grace(3, 15)"}),
    ("G-30", "association", {"term__late_payment": "restart_at_payment"}),
    ("G-21", "ams_hoa", {"term__first_month": "0"}),
    ("X10", "community", {"collect__arrears": "carry_balance", "balance__carry_previous": "off"}),
    ("X2", "recommended", {"billing__slot": "on_submit"}),
)


@pytest.mark.parametrize(("row", "preset", "own"), REFUSED, ids=lambda value: str(value)[:60])
def test_what_excludes_each_other_says_why_and_the_way_out(
    row: str, preset: str, own: dict[str, str]
) -> None:
    (conflict,) = conflicts(policies(preset, **own))
    assert conflict.code == "policy_conflict"
    assert row in (conflict.fix or "")
    with pytest.raises(Refused) as refused:
        refuse_new(policies(preset), policies(preset, **own))
    assert refused.value.message == conflict.message
    refuse_new(policies(preset, **own), policies(preset, **own, credit__apply="ask"))  # it was so before


@pytest.mark.parametrize(
    ("row", "preset", "own"),
    [
        ("only:", "recommended", {"balance__carry_previous": "on"}),  # G-42
        ("only:", "recommended", {"collect__arrears": "carry_balance"}),
        ("X6", "recommended", {"status__past_due_at": "never", "collect__on_exhausted": "stay_past_due"}),
        ("A-48", "recommended", {"status__past_due_at": "day(30)", "collect__on_exhausted": "lapse(30)"}),
        ("C-35", "community", {"access__restrict": "at_lapse"}),
        ("P-21", "recommended", {"access__restrict": "at_downgrade"}),
    ],
)
def test_what_has_no_effect_is_said_and_not_refused(row: str, preset: str, own: dict[str, str]) -> None:
    decided = policies(preset, **own)
    assert conflicts(decided) == ()
    new = set(without_effect(decided)) - set(without_effect(policies(preset)))
    assert any(row in sentence for sentence in new)


def test_no_preset_excludes_itself_and_what_a_preset_leaves_idle_is_said() -> None:
    for preset in PRESETS:
        assert conflicts(policies(preset)) == ()
    accrual = policies("association", accounting__method="accrual")
    assert conflicts(accrual) == (), "G-42: the preset's previous balance is idle then, not refused"
    assert any("Previous balances" in sentence for sentence in without_effect(accrual))
    late = policies("recommended", collect__on_exhausted="lapse(10)")
    assert without_effect(late) == (
        "The last try would come on day 16, after the lapse on day 10.",
        "The lapse on day 10 comes before the reminders of day 14, 30.",
    )


def test_a_plan_is_looked_at_too() -> None:
    """Prorating a plan whose own terms are the same for all is no conflict; one with the organization's is."""
    before = policies("community")
    prorated = before.changed({"proration.join": "months"}, scope="plan", scope_id="p")
    with pytest.raises(Refused, match="annual terms"):
        refuse_new(before, prorated, scope="plan", scope_id="p")
    annual = before.changed({"term.basis": "annual"}, scope="plan", scope_id="p")
    both = annual.changed({"proration.join": "months"}, scope="plan", scope_id="p")
    refuse_new(annual, both, scope="plan", scope_id="p")
    own = before.changed({"term.late_payment": "restart_at_payment"}, scope="plan", scope_id="p")
    with pytest.raises(Refused, match="cash accounting"):
        refuse_new(own, own.changed({"accounting.method": "accrual"}))


@pytest.mark.parametrize(
    ("key", "text", "code"),
    [
        ("billing.trigger", "processor_mirror", "processor_billing_unavailable"),
        ("staff.may_enter_payment_details", "yes", "payment_details_by_member"),
    ],
)
def test_what_is_known_and_not_to_be_had_says_so(key: str, text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(key, text)
    assert refused.value.code == code
    assert refused.value.fix


# ---------------------------------------------------------------- words and examples


def test_every_value_has_words_and_every_policy_a_subject() -> None:
    assert {key.name for keys in SUBJECTS.values() for key in keys} == set(CATALOGUE)
    assert len({key.title for key in CATALOGUE.values()} - {""}) == len(CATALOGUE)
    for key in CATALOGUE.values():
        for preset in PRESETS:
            assert key.said(key.default(preset))
        if key.name != "status.labels":
            assert not key.says or set(key.says) == {*key.words, *key.calls}, key.name
        for name, limits in key.calls.items():
            assert len(key.asks[name]) == len(limits), name
    said = CATALOGUE["collect.on_exhausted"].said
    assert said(parse("collect.on_exhausted", "lapse(30)")) == "it lapses 30 days after the due date"
    assert CATALOGUE["dunning.mail_days"].said([3, 7]) == "3, 7"


def test_each_preset_has_its_words_and_a_workplace_has_users() -> None:
    assert set(WORDS) == set(PRESETS) == set(LABELS)
    assert menu_words(words_of("ams_hoa"))["renewals"] == "Assessments"
    assert words_of("coworking").house == "space"
    workplace = words_of("coworking", "workplace")
    assert (workplace.members, workplace.house, workplace.plan) == ("users", "workplace", "membership level")


@pytest.mark.parametrize(
    ("key", "preset", "own", "said"),
    [
        ("proration.join", "association", {"proration__join": "months"}, "pays 100.00 USD of a fee of 200.00 USD."),
        ("term.new_from", "association", {}, "2026-11-22, has a first term from 2026-11-01 through 2026-12-31."),
        ("term.advance_as_of", "association", {"term__advance_as_of": "15"}, "from 2026-12-01 through 2026-12-31."),
        (
            "term.late_payment",
            "association",
            {"term__basis": "anniversary", "term__late_payment": "restart_after_grace(3, 15)"},
            "the term is 2026-05-01 through 2027-04-30.",
        ),
        ("collect.offsets", "coworking", {}, "tried on 2026-12-01, 2026-12-02, 2026-12-05 and 2026-12-08"),
        (
            "dunning.mail_days",
            "ams_nonprofit",
            {},
            "2026-12-15 it is Past Due, 2026-12-15 the final notice and 2026-12-31 it lapses.",
        ),
        ("balance.carry_previous", "association", {}, "the next bill asks for 120.00 USD."),
        ("accounting.method", "recommended", {}, "is income of December."),
        ("paid_through.on", "association", {}, "when the plan’s 100.00 USD is paid."),
        ("status.labels", "coworking", {}, "Active, Delinquent, Pending Cancellation, Pending or Canceled."),
        ("switch.credit", "recommended", {}, "credits 60.00 USD."),
        (
            "renewal.notice_days",
            "recommended",
            {"renewal__notice_days": "[30, 7]"},
            "A renewal on 2027-01-01 is announced on 2026-12-02 and 2026-12-25.",
        ),
        ("renewal.notice_days", "recommended", {}, ""),
        ("credit.apply", "recommended", {}, ""),
    ],
)  # fmt: skip
def test_an_example_is_computed_by_the_rules(key: str, preset: str, own: dict[str, str], said: str) -> None:
    found = illustrate(key, Asked(policies(preset, **own), TODAY, "America/New_York", "USD"))
    assert said in found
    assert bool(said) == bool(found)
