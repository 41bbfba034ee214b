"""The words of mails: every placeholder is filled, nothing is executed, nobody's name adds a header or a tag (B-71)."""

from html.parser import HTMLParser

import pytest

from paidthru.kernel.errors import Refused
from paidthru.notices.operations import KIND_OF
from paidthru.notices.rules.catalogue import TEMPLATES, Template, allowed, composed, language_of, needed
from paidthru.notices.rules.kinds import KINDS, PLACEHOLDERS, TOPICS, samples
from paidthru.notices.rules.rendering import refuse_unfit

FACTS = {name: text for name, text in samples().items() if name not in ("organization", "name")}


def mail(kind: str, template: Template | None = None, **facts: str):  # type: ignore[no-untyped-def]
    return composed(
        kind,
        FACTS | facts,
        organization="Maple Club",
        name=facts.pop("name", "Ann Archer"),
        to="ann@example.org",
        key="k",
        template=template,
        unsubscribe="https://pay.example.org/mails/x/",
    )


def test_every_kind_has_its_words_and_every_placeholder_its_meaning() -> None:
    assert KINDS.keys() == TEMPLATES.keys()
    assert {one.topic for one in KINDS.values()} == {"", *TOPICS}
    assert frozenset().union(*(one.placeholders for one in TEMPLATES.values())) <= PLACEHOLDERS.keys()


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_standard_text_is_filled_to_the_last_placeholder(kind: str) -> None:
    found = mail(kind)
    assert "{" not in found.subject + found.text
    assert "Ann Archer" in found.text
    assert "Maple Club" in found.text
    assert ("href" in found.html) == (TEMPLATES[kind].has_link or bool(KINDS[kind].topic))
    assert (found.unsubscribe != "") == bool(KINDS[kind].topic) == ("don’t want" in found.text)
    for template in (TEMPLATES[kind],):
        refuse_unfit(template.subject, template.text, allowed=allowed(kind), needed=needed(kind))


class Tags(HTMLParser):
    """Reads a mail as a mail program does: tags, and addresses that are followed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


def test_what_fills_a_text_is_text_and_nothing_else() -> None:
    bad = "<script>x</script><img src=//evil.example>\n\n{{ link }}https://evil.example"
    found = composed(
        "receipt",
        {"amount": "1.00\r\nBcc: everybody@example.org", "currency": "{{ organization }}", "payment": bad},
        organization="Maple & Club",
        name="{{ amount }}",
        to="a@example.org",
        key="k",
    )
    assert found.subject == "Receipt: 1.00 Bcc: everybody@example.org {{ organization }}"
    assert "Dear {{ amount }}," in found.text
    read = Tags()
    read.feed(found.html)
    assert not {"script", "img"} & set(read.tags)
    assert read.addresses == []
    assert "Maple &amp; Club" in found.html


def test_a_link_alone_is_a_button_and_the_lines_of_a_bill_are_a_table() -> None:
    found = mail("renewal_notice")
    assert "Total: 120.00 USD\n" in found.text
    assert ">120.00 USD</td>" in found.html
    found = mail("invoice")
    assert "See and pay the invoice</a>" in found.html
    assert "\n\nhttps://example.org/m/a-secret-address/\n\n" in found.text


def test_a_fact_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        composed("receipt", {}, organization="Maple Club", name="Ann", to="a@example.org", key="k")


@pytest.mark.parametrize(
    ("subject", "body", "code", "field", "named"),
    [
        ("Hello", "{{ amout }} {{ link }}", "placeholder_unknown", "body", "amout"),
        ("{{ amount }", "{{ link }}", "placeholder_broken", "subject", "{{ amount }"),
        ("Hello", "{{ amount|upper }} {{ link }}", "placeholder_broken", "body", "{{ amount|upper }}"),
        ("Hello", "{% include 'x' %} {{ link }}", "placeholder_broken", "body", "{% include 'x' %}"),
        ("Hello", "{{ name.__class__ }} {{ link }}", "placeholder_broken", "body", "__class__"),
        ("Hello", "Dear {{ name }}", "placeholder_missing", "body", "{{ link }}"),
        (" ", "{{ link }}", "template_text_invalid", "subject", "empty"),
        ("x" * 151, "{{ link }}", "template_text_invalid", "subject", "151"),
        ("Hello", "\x00 {{ link }}", "template_text_invalid", "body", "no mail"),
        ("Hello\nBcc: x@example.org", "{{ link }}", "template_text_invalid", "subject", "line break"),
        ("Hello", "\u202egnp {{ link }}", "template_text_invalid", "body", "no mail"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused_by_its_field(
    subject: str, body: str, code: str, field: str, named: str
) -> None:
    with pytest.raises(Refused) as refused:
        refuse_unfit(subject, body, allowed=allowed("payment_failed"), needed=needed("payment_failed"))
    assert (refused.value.code, refused.value.field) == (code, field)
    assert named in refused.value.message
    assert refused.value.fix


def test_an_own_text_takes_the_place_of_the_standard_one() -> None:
    own = Template("Ping {{ name }}", "Hi {{ name }},\n\n{{ link }}\n\n{{ reason }}\n")
    found = mail("payment_failed", own, reason="")
    assert found.subject == "Ping Ann Archer"
    assert (
        found.text == "Hi Ann Archer,\n\nhttps://example.org/m/a-secret-address/\n"
    )  # what is empty leaves no gap


def test_a_language_is_read_off_the_locale() -> None:
    assert [language_of(one) for one in ("en_US", "de-CH", "")] == ["en", "de", "en"]


def test_every_event_that_brings_mail_has_a_template() -> None:
    assert set(KIND_OF.values()) <= TEMPLATES.keys()
