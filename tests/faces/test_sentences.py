"""The timeline's sentences: every verb that anything records has one."""

import ast
from itertools import pairwise
from string import Formatter

import pytest
from tests.house.house import modules
from tests.world import NOW

from paidthru.faces.console.formats import reader_text
from paidthru.faces.console.sentences import SENTENCES, moments, sentence, who
from paidthru.kernel.ids import new_id
from paidthru.payments.rules.settlement import AttemptState
from paidthru.timeline.models import Event


def recorded() -> set[str]:
    """The verbs in the source: what `Happening` is made with, and what SQL writes into the timeline."""
    found: set[str] = set()
    for name, tree in modules():
        if name == "timeline/operations.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Happening":
                verb = node.args[0]
                parts = [verb.body, verb.orelse] if isinstance(verb, ast.IfExp) else [verb]
                found |= {str(part.value) for part in parts if isinstance(part, ast.Constant)}
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and "INTO timeline_event" in node.value
            ):
                found |= {word for word in node.value.replace("'", " ").split() if word.startswith("member_")}
    return found | {f"payment_{state}" for state in AttemptState}


def test_every_verb_has_its_sentences_and_none_is_left_over() -> None:
    verbs = recorded()
    assert len(verbs) > 25
    assert not verbs - set(SENTENCES), "write the sentence beside the others"


@pytest.mark.parametrize("verb", sorted(SENTENCES))
def test_the_fullest_sentence_comes_first(verb: str) -> None:
    needs = [{name for _, name, _, _ in Formatter().parse(each) if name} for each in SENTENCES[verb]]
    assert all(len(one) >= len(following) for one, following in pairwise(needs))
    assert all(each.endswith(".") for each in SENTENCES[verb])


def event(verb: str, **facts: object) -> Event:
    return Event(
        at=NOW,
        actor_kind="staff",
        actor="Pat",
        verb=verb,
        subject_kind="invoice",
        subject_id=new_id(),
        facts=facts,
    )


@pytest.mark.parametrize(
    ("happened", "said"),
    [
        (event("billed", invoice=12, amount="1250.00", currency="USD", plan="Regular", start="2026-01-01",
               through="2026-12-31"), "Billed $1,250.00 for Regular, Jan 1, 2026 to Dec 31, 2026, on invoice 12."),
        (event("billed"), "Billed."),
        (event("payment_received", invoices=[3, 4, 5], amount="98000", currency="JPY", payment=2),
         "Received ¥98,000 for invoices 3, 4 and 5 as payment 2."),
        (event("payment_received", invoices=[3], amount="10.00", currency="USD", payment=2, surplus="1.00"),
         "Received $10.00 for invoice 3 as payment 2; $1.00 of it is credit."),
        (event("paid_through_moved", **{"from": None, "to": "2026-12-31"}), "Paid through Dec 31, 2026."),
        (event("paid_through_moved", **{"from": "2026-12-31", "to": None}), "No longer paid through Dec 31, 2026."),
        (event("joined", plan="{on}", on="2026-02-30"), "Joined {on} on 2026-02-30."),
        (event("policy_set", policy="term.basis", value="annual", before="anniversary", source="preset recommended"),
         "Set term.basis to annual; it was anniversary (from the preset recommended)."),
        (event("something_new"), "Something new."),
        (event("billed", amount="soon", currency="USD", invoice=1), "Billed soon USD on invoice 1."),
        (event("billed", amount="1.00", currency="???", invoice=1), "Billed 1.00 ??? on invoice 1."),
    ],
)  # fmt: skip
def test_what_happened_in_a_sentence(happened: Event, said: str) -> None:
    assert sentence(happened) == said


def test_a_moment_says_who_when_why_and_where() -> None:
    happened = event("billed", invoice=1)
    happened.why = "Paid through 2025-12-31, due on 2026-01-01: 100.00 USD."
    (moment,) = moments([happened], "en", lambda kind, id_: f"/{kind}/{id_}/")
    assert (moment.who, moment.at) == ("Pat", NOW)
    assert moment.why == "Paid through Dec 31, 2025, due on Jan 1, 2026: $100.00."
    assert moment.href == f"/invoice/{happened.subject_id}/"
    happened.actor_kind, happened.actor = "schedule", "the schedule"
    assert who(happened) == "Paidthru"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Regular from 2026-01-01 to 2026-12-31 costs 1200.00 USD.",
            "Regular from Jan 1, 2026 to Dec 31, 2026 costs $1,200.00.",
        ),
        ("98000 JPY, -3.50 EUR", "¥98,000, −€3.50"),
        (
            "2026-02-30, A-2026-01-01, 12.345 USD, 5 XXX, 1.00 USDA",
            "2026-02-30, A-2026-01-01, 12.345 USD, 5 XXX, 1.00 USDA",
        ),
    ],
)
def test_a_rule_s_sentence_in_the_reader_s_way(text: str, shown: str) -> None:
    assert reader_text(text, "en") == shown


def test_another_language_s_dates_and_amounts() -> None:
    assert reader_text("2026-03-01: 1250.00 EUR", "de") == "01.03.2026: 1.250,00\N{NO-BREAK SPACE}€"
