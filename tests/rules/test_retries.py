"""Whether an invoice may be tried once more (requirements A2-7, I-26 to I-33, I-44, I-45, I-48; field-notes C.8)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.payments.rules.decline_codes import DECLINE_CODES, Finality
from paidthru.payments.rules.network_rules import CAPS, NETWORK_RULES, Effect, NetworkRule
from paidthru.payments.rules.retries import (
    OVERALL_ATTEMPTS,
    REASONS,
    Instrument,
    PastAttempt,
    RetryPolicy,
    RetryVerdict,
    retry_allowed,
)

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OLD, NEW = Instrument("old", (2030, 12)), Instrument("new", (2030, 12))
ONCE = RetryPolicy(3, "once")
DEBIT = Instrument("account", None, "mandate 1", "bank")


def tried(
    code: str | None = "insufficient_funds",
    method: Instrument = OLD,
    *,
    at: datetime = START,
    state: str = "declined",
    amount: int = 0,
    advice: str = "",
    network_advice: str = "",
    network_decline: str = "",
    brand: str = "",
    allowed_before: int = 0,
) -> PastAttempt:
    return PastAttempt(
        method.fingerprint, state, at, at.date(), code, amount, at, method.expires, method.authorization,
        method.kind, brand or method.brand, advice, network_advice, network_decline, allowed_before,
    )  # fmt: skip


def ask(
    history: list[PastAttempt],
    method: Instrument = OLD,
    policy: RetryPolicy = ONCE,
    *,
    after: timedelta = DAY,
    granted: int = 0,
    amount: int = 0,
    failures: tuple[datetime, ...] = (),
) -> RetryVerdict:
    now = START + after
    return retry_allowed(
        history, method, policy, now=now, on=now.date(), amount_minor=amount, granted=granted, card_failures=failures
    )  # fmt: skip


# ------------------------------------------------------------------ budgets and grants


def test_a_visitor_s_failures_cost_nobody_s_tries() -> None:
    """A-16: whoever has a pay link uses up none of the member's, and their own card keeps what its bank said."""
    visited = [replace(tried(method=NEW), by_visitor=True, by_hand=True)] * OVERALL_ATTEMPTS
    assert ask(visited).allowed
    assert ask(visited, NEW, RetryPolicy(3, "once", present=True)).refused == "attempts_exhausted"
    stolen = [replace(tried("stolen_card", NEW), by_visitor=True, by_hand=True)]
    assert ask(stolen, NEW).refused == "declined_for_good"


def test_a_method_has_three_tries() -> None:  # I-44
    assert ask([]).allowed
    assert ask([tried()] * 2).allowed
    verdict = ask([tried()] * 3)
    assert (verdict.refused, verdict.used, verdict.budget) == ("attempts_exhausted", 3, 3)


@pytest.mark.parametrize("most", [1, 2, 5])
def test_the_policy_caps_the_tries(most: int) -> None:  # I-26
    policy = RetryPolicy(most)
    assert ask([tried()] * (most - 1), policy=policy).allowed
    assert ask([tried()] * most, policy=policy).refused == "attempts_exhausted"


def test_staff_allow_one_more_and_one_only() -> None:  # I-45
    used_up = [tried()] * 3
    assert ask(used_up, granted=1).allowed
    fourth = tried(allowed_before=1)
    assert ask([*used_up, fourth], granted=1).refused == "attempts_exhausted"
    assert ask([*used_up, fourth], granted=2).allowed
    assert ask([*used_up, fourth, tried(allowed_before=2)], granted=2).refused == "attempts_exhausted"


def test_a_grant_while_tries_are_left_adds_none() -> None:
    assert ask([tried(allowed_before=1)] * 3, granted=1).refused == "attempts_exhausted"


def test_a_new_method_or_expiry_date_opens_a_new_budget_up_to_an_overall_end() -> None:  # I-31 to I-33
    renewed = Instrument("old", (2034, 12))
    for other in (NEW, renewed):
        assert ask([tried()] * 3, other).allowed
        assert ask([*[tried()] * 3, *[tried(method=other)] * 2], other).allowed
        assert ask([*[tried()] * 3, *[tried(method=other)] * 3], other).refused == "attempts_exhausted"
    many = [tried(method=Instrument(f"card {n}")) for n in range(OVERALL_ATTEMPTS)]
    assert ask(many, NEW).refused == "attempts_exhausted"
    assert ask(many, NEW, granted=1).allowed


def test_the_same_card_saved_again_opens_nothing() -> None:
    again = Instrument("old", (2030, 12), "saved anew")
    assert ask([tried()] * 3, again).refused == "attempts_exhausted"


def test_what_never_was_a_failure_costs_nothing() -> None:
    open_or_none = [tried(None, state=state) for state in ("canceled", "unknown", "processing", "succeeded")]
    assert ask(open_or_none * 3).used == 0


# ------------------------------------------------------------------ expired cards


def test_an_expired_card_is_tried_once() -> None:  # I-28, I-29
    expired = Instrument("old", (2025, 12))
    assert ask([], expired).allowed
    assert ask([tried(method=expired)], expired).refused == "card_expired"
    assert ask([tried("expired_card")]).refused == "card_expired"  # the gateway knows better than the date
    assert ask([tried(method=expired)], Instrument("old", (2030, 12))).allowed
    assert ask([tried(method=expired)], expired, granted=1).allowed


def test_an_expired_card_by_policy() -> None:
    expired, ask_first = Instrument("old", (2025, 12)), RetryPolicy(3, "ask_first")
    assert ask([tried("expired_card")] * 2, policy=RetryPolicy(3, "counts")).allowed
    assert ask([], expired, ask_first).refused == "card_expired"
    assert ask([], expired, RetryPolicy(3, "ask_first", present=True)).allowed
    assert ask([], expired, ask_first, granted=1).allowed


# ------------------------------------------------------------------ refused for good


def test_a_hard_decline_stops_that_card_at_once() -> None:
    verdict = ask([tried("stolen_card")])
    assert verdict.refused == "declined_for_good"
    assert verdict.sentence == "The card is blocked."
    assert ask([tried("stolen_card")], Instrument("old", (2034, 1))).refused == "declined_for_good"
    assert ask([tried("stolen_card")], NEW).allowed
    assert ask([tried("stolen_card")], granted=1).allowed
    assert ask([tried("stolen_card"), tried(allowed_before=1)], granted=1).refused == "declined_for_good"


def test_details_that_were_wrong_are_something_else_when_renewed() -> None:
    assert ask([tried("invalid_expiry_year")]).refused == "declined_for_good"
    assert ask([tried("invalid_expiry_year")], Instrument("old", (2034, 1))).allowed


def test_a_withdrawn_authorization_is_lifted_by_nobody() -> None:  # B-47
    verdict = ask([tried("R10", DEBIT)], DEBIT, granted=2)
    assert verdict.refused == "authorization_revoked"
    assert ask([tried("R10", DEBIT)], Instrument("account", None, "mandate 2", "bank")).refused
    assert ask([tried("R10", DEBIT)], NEW).allowed


def test_a_stopped_debit_needs_a_new_authorization() -> None:
    refused = ask([tried("R08", DEBIT)], DEBIT, granted=1)
    assert refused.refused == "authorization_needed"
    assert ask([tried("R08", DEBIT)], Instrument("account", None, "mandate 2", "bank")).allowed
    assert ask([tried("R08", DEBIT)], DEBIT, RetryPolicy(3, present=True)).allowed


def test_a_code_that_nobody_can_read_waits_for_staff() -> None:  # I-48
    assert ask([tried("moon_phase")]).refused == "code_unrecognised"
    assert ask([tried("moon_phase")], granted=1).allowed
    assert ask([tried("moon_phase", advice="try_again_later")]).refused == "code_unrecognised"


def test_money_that_was_taken_back_counts_as_refused() -> None:
    assert ask([tried("R10", DEBIT, state="returned")], DEBIT).refused == "authorization_revoked"
    assert ask([tried("R01", DEBIT, state="returned")], DEBIT).used == 1
    assert ask([tried("disputed", state="returned")]).refused == "declined_for_good"


# ------------------------------------------------------------------ the networks


@pytest.mark.parametrize(
    ("advice", "refused"),
    [
        ("do_not_try_again", "declined_for_good"),
        ("confirm_card_data", "declined_for_good"),
        ("try_again_later", None),
    ],
)
def test_what_the_processor_advises(advice: str, refused: str | None) -> None:
    assert ask([tried(advice=advice)]).refused == refused
    renewed = Instrument("old", (2034, 1))
    assert ask([tried(advice=advice)], renewed).allowed is (advice != "do_not_try_again")


@pytest.mark.parametrize(
    ("code", "hours"),
    [("02", 72), ("24", 1), ("25", 24), ("26", 48), ("27", 96), ("28", 144), ("29", 192), ("30", 240)],
)
def test_how_long_mastercard_asks_to_wait(code: str, hours: int) -> None:
    history = [tried(network_advice=code, brand="mastercard")]
    wait = timedelta(hours=hours)
    verdict = ask(history, after=wait - timedelta(seconds=1))
    assert (verdict.refused, verdict.not_before) == ("too_soon", START + wait)
    assert ask(history, after=wait).allowed
    assert ask(history, after=wait - timedelta(seconds=1), granted=1).refused == "too_soon"


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("01", "declined_for_good"),
        ("03", "forbidden_by_network"),
        ("21", "forbidden_by_network"),
        ("40", "declined_for_good"),
        ("41", "declined_for_good"),
        ("42", "declined_for_good"),
        ("43", "declined_for_good"),
    ],
)
def test_where_mastercard_says_stop(code: str, refused: str) -> None:
    history = [tried(network_advice=code, brand="mastercard")]
    assert ask(history).refused == refused
    assert ask(history, granted=1).allowed is (refused == "declined_for_good")
    assert ask(history, Instrument("old", (2034, 1))).allowed is (code == "01")
    assert ask([tried(network_advice=code, brand="visa")]).allowed  # another network's code is another thing


@pytest.mark.parametrize("code", ["04", "07", "12", "15", "41", "43", "46", "57", "R0", "R1", "R3"])
def test_what_visa_never_approves(code: str) -> None:
    verdict = ask([tried(network_decline=code, brand="Visa")], granted=1)
    assert verdict.refused == "forbidden_by_network"
    assert verdict.sentence.startswith("Visa: ")
    assert ask([tried(network_decline=code, brand="amex")]).allowed
    assert not ask(
        [tried(network_decline=code, brand="some other")]
    ).allowed  # who knows: the strictest holds


def test_a_rule_holds_on_its_days_only() -> None:
    rule = NetworkRule(
        "Us", "advice_code", "x", Effect.NEVER, "Never.", date(2026, 1, 2), valid_until=date(2026, 1, 4)
    )
    asked = [
        retry_allowed(
            [tried(advice="x")], OLD, ONCE, now=START + n * DAY, on=date(2026, 1, 1 + n), rules=[rule]
        ).allowed
        for n in range(5)
    ]  # fmt: skip
    assert asked == [True, False, False, True, True]


def test_every_rule_says_where_it_comes_from() -> None:
    assert all(rule.source and rule.sentence.endswith(".") for rule in NETWORK_RULES)
    assert all((rule.effect is Effect.WAIT) == bool(rule.wait) for rule in NETWORK_RULES)
    keys = [(rule.reads, rule.code, rule.brand, rule.valid_from) for rule in NETWORK_RULES]
    assert len(keys) == len(set(keys))
    assert [(cap.brand, cap.most, cap.days) for cap in CAPS] == [
        ("", 8, 30), ("visa", 15, 30), ("mastercard", 35, 30),
    ]  # fmt: skip


def test_a_card_is_tried_eight_times_in_thirty_days_over_all_invoices() -> None:
    failures = tuple(START + n * DAY for n in range(8))
    verdict = ask([], failures=failures, after=20 * DAY)
    assert (verdict.refused, verdict.not_before) == ("card_tried_too_often", START + 30 * DAY)
    assert ask([], failures=failures, after=30 * DAY).allowed
    assert ask([], failures=failures[:7], after=20 * DAY).allowed


@pytest.mark.parametrize(("brand", "most"), [("visa", 15), ("mastercard", 35)])
def test_the_networks_own_caps(brand: str, most: int) -> None:
    theirs = [cap for cap in CAPS if cap.source != "Paidthru"]
    card = Instrument("old", brand=brand)

    def asked(times: int) -> RetryVerdict:
        at = [START] * times
        return retry_allowed(
            [], card, ONCE, now=START + DAY, on=date(2026, 1, 2), card_failures=at, caps=theirs
        )

    assert asked(most - 1).allowed
    assert asked(most).refused == "card_tried_too_often"


# ------------------------------------------------------------------ bank debits (B-46)


def debits(times: int, code: str = "R01") -> list[PastAttempt]:
    return [tried(code, DEBIT, at=START + n * DAY, amount=5_000) for n in range(times)]


@pytest.mark.parametrize("code", ["R01", "R09"])
def test_a_debit_is_presented_again_twice_within_180_days_with_the_same_amount(code: str) -> None:
    policy = RetryPolicy(9)
    assert ask(debits(2, code), DEBIT, policy, amount=5_000, after=10 * DAY).allowed
    assert ask(debits(3, code), DEBIT, policy, amount=5_000, after=10 * DAY).refused == "representment_over"
    assert ask(debits(1, code), DEBIT, policy, amount=5_000, after=180 * DAY).allowed
    assert ask(debits(1, code), DEBIT, policy, amount=5_000, after=181 * DAY).refused == "representment_over"
    assert ask(debits(1, code), DEBIT, policy, amount=4_000, after=10 * DAY).refused == "amount_changed"
    anew = Instrument("account", None, "mandate 2", "bank")
    assert ask(debits(3, code), anew, policy, amount=4_000, after=10 * DAY).allowed


def test_no_grant_lifts_the_limit_of_representments() -> None:
    refused = ask(debits(3), DEBIT, amount=5_000, granted=1, after=4 * DAY)
    assert refused.refused == "representment_over"


# ------------------------------------------------------------------ properties

CODES = st.sampled_from([*DECLINE_CODES, "moon_phase"])
METHODS = st.sampled_from([OLD, NEW, Instrument("old", (2034, 1)), DEBIT])
STATES = st.sampled_from(["declined", "rejected", "canceled", "returned"])
ADVICES = st.sampled_from(["", "do_not_try_again", "confirm_card_data", "try_again_later"])
MACS = st.sampled_from(["", "01", "02", "03", "21", "24", "30", "40", "99"])


@st.composite
def histories(draw: st.DrawFn) -> list[PastAttempt]:
    found, at = [], START
    for _ in range(draw(st.integers(0, 12))):
        at += timedelta(hours=draw(st.integers(0, 400)))
        found.append(
            tried(
                draw(CODES), draw(METHODS), at=at, state=draw(STATES), amount=5_000, advice=draw(ADVICES),
                network_advice=draw(MACS), brand=draw(st.sampled_from(["visa", "mastercard", "Test card"])),
            )
        )  # fmt: skip
    return found


POLICIES = st.builds(
    RetryPolicy, st.integers(1, 9), st.sampled_from(["once", "counts", "ask_first"]), st.booleans()
)


@given(histories(), METHODS, POLICIES, st.integers(0, 400))
def test_nothing_is_tried_beyond_its_budget_or_the_overall_end(
    history: list[PastAttempt], method: Instrument, policy: RetryPolicy, days: int
) -> None:
    verdict = ask(history, method, policy, after=timedelta(days=days), amount=5_000)
    if verdict.allowed:
        assert verdict.used < policy.max_attempts
        assert sum(past.failed for past in history) < OVERALL_ATTEMPTS
        assert verdict.not_before is None
    else:
        assert verdict.refused in REASONS


@given(histories(), METHODS, POLICIES, st.integers(0, 4))
def test_never_means_never_whatever_staff_allow(
    history: list[PastAttempt], method: Instrument, policy: RetryPolicy, granted: int
) -> None:
    never = any(
        past.failed
        and past.method_fingerprint == method.fingerprint
        and (
            ((entry := DECLINE_CODES.get(past.decline_code or "")) and entry.finality is Finality.NEVER)
            or (past.network_advice_code in ("03", "21") and past.brand != "visa")
        )
        for past in history
    )
    if never:
        assert not ask(history, method, policy, after=900 * DAY, granted=granted, amount=5_000).allowed


@given(histories(), METHODS, POLICIES, st.integers(0, 900))
def test_a_wait_ends_when_it_says(
    history: list[PastAttempt], method: Instrument, policy: RetryPolicy, hours: int
) -> None:
    verdict = ask(history, method, policy, after=timedelta(hours=hours), amount=5_000)
    if verdict.not_before is None:
        return
    at_last = retry_allowed(
        history, method, policy, now=verdict.not_before, on=verdict.not_before.date(), amount_minor=5_000
    )
    assert at_last.refused not in ("too_soon", "card_tried_too_often")


@given(histories(), METHODS, POLICIES)
def test_one_more_failure_never_opens_a_door(
    history: list[PastAttempt], method: Instrument, policy: RetryPolicy
) -> None:
    if ask(history, method, policy, after=900 * DAY, amount=5_000).refused is None:
        return
    last = history[-1].at if history else START
    more = [*history, tried("insufficient_funds", method, at=last + DAY, amount=5_000)]
    assert not ask(more, method, policy, after=900 * DAY, amount=5_000).allowed


@given(st.lists(st.integers(0, 60 * 24), min_size=0, max_size=40))
def test_never_more_than_eight_failures_in_any_thirty_days(hours: list[int]) -> None:
    """Whoever asks before each try, and stops when told to, stays under the cap in every window."""
    made: list[datetime] = []
    for hour in sorted(hours):
        now = START + timedelta(hours=hour)
        if retry_allowed([], OLD, ONCE, now=now, on=now.date(), card_failures=made).allowed:
            made.append(now)
    window = timedelta(days=30)
    assert all(sum(at - window < other <= at for other in made) <= 8 for at in made)
