"""The words of mails: every token is filled, nothing is executed, nobody's name adds a header (B-71)."""

import pytest

from paidthru.notices.operations import KIND_OF
from paidthru.notices.rules.catalogue import TEMPLATES, composed

FACTS = dict.fromkeys(
    {"link", "until"}.union(*(template.tokens for template in TEMPLATES.values())), "x"
)  # every token that any template has


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_template_is_filled_to_the_last_token(kind: str) -> None:
    mail = composed(kind, FACTS, organization="Maple Club", name="Ann", to="ann@example.org", key="k")
    assert "{" not in mail.subject + mail.text
    assert "Ann" in mail.text
    assert "Maple Club" in mail.text
    assert TEMPLATES[kind].tokens <= FACTS.keys()


def test_a_name_cannot_add_a_header_or_fill_another_token() -> None:
    facts = {"amount": "1.00\r\nBcc: everybody@example.org", "currency": "{organization}", "payment": "7"}
    mail = composed("receipt", facts, organization="Maple Club", name="{amount}", to="a@example.org", key="k")
    assert mail.subject == "Receipt: 1.00 Bcc: everybody@example.org {organization}"
    assert "Dear {amount}," in mail.text


def test_a_fact_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        composed("receipt", {}, organization="Maple Club", name="Ann", to="a@example.org", key="k")


def test_every_event_that_brings_mail_has_a_template() -> None:
    assert set(KIND_OF.values()) <= TEMPLATES.keys()
