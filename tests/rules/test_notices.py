"""The words of mails: every placeholder is filled, nothing is executed, nobody's name adds a header or a tag (B-71)."""

import re
from html.parser import HTMLParser

import pytest

from paidthru.kernel.errors import Refused
from paidthru.notices.operations import KIND_OF
from paidthru.notices.rules.catalogue import (
    LANGUAGES,
    TEMPLATES,
    Template,
    allowed,
    composed,
    language_of,
    needed,
)
from paidthru.notices.rules.kinds import KINDS, PLACEHOLDERS, TOPICS, samples
from paidthru.notices.rules.rendering import refuse_unfit
from paidthru.notices.rules.sentences import ENGLISH_SENTENCES, WHYS

FACTS = {name: text for name, text in samples().items() if name not in ("organization", "name")}


def mail(  # type: ignore[no-untyped-def]
    kind: str, template: Template | None = None, language: str = "en", locale: str = "", **facts: str
):
    return composed(
        kind,
        FACTS | facts,
        organization="Maple Club",
        name=facts.pop("name", "Ann Archer"),
        to="ann@example.org",
        key="k",
        template=template,
        language=language,
        locale=locale,
        unsubscribe="https://pay.example.org/mails/x/",
    )


def test_every_kind_has_its_words_and_every_placeholder_its_meaning() -> None:
    assert KINDS.keys() == TEMPLATES.keys()
    assert {one.topic for one in KINDS.values()} == {"", *TOPICS}
    assert frozenset().union(*(one.placeholders for one in TEMPLATES.values())) <= PLACEHOLDERS.keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_standard_text_is_filled_to_the_last_placeholder_in_every_language(
    kind: str, language: str
) -> None:
    template = LANGUAGES[language].texts[kind]
    refuse_unfit(template.subject, template.text, allowed=allowed(kind), needed=needed(kind))
    assert template.placeholders == TEMPLATES[kind].placeholders
    assert bool(template.button) == bool(TEMPLATES[kind].button)
    found = mail(kind, language=language)
    assert not {"{", "}"} & set(found.subject + found.text)
    assert "Ann Archer" in found.text
    assert "Maple Club" in found.text
    assert f'<html lang="{language}">' in found.html
    assert ("href" in found.html) == (TEMPLATES[kind].has_link or bool(KINDS[kind].topic))
    assert (found.unsubscribe != "") == bool(KINDS[kind].topic) == (LANGUAGES[language].decline in found.text)


@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {"en"}))
def test_every_language_has_every_sentence_with_the_same_places(language: str) -> None:
    sentences = LANGUAGES[language].sentences
    assert sentences.keys() == ENGLISH_SENTENCES.keys() | WHYS
    for key, english in ENGLISH_SENTENCES.items():
        assert set(re.findall("{[a-z_]+}", sentences[key])) == set(re.findall("{[a-z_]+}", english)), key


@pytest.mark.parametrize(
    ("language", "locale", "subject", "said"),
    [
        ("en", "en_US", "Invoice 1042: 1,250.50 USD", "1,250.50 USD is open, due on March 1, 2026."),
        ("de", "en_US", "Rechnung 1042: 1.250,50 USD", "Offen sind 1.250,50 USD, fällig am 1. März 2026."),
        ("de", "de_CH", "Rechnung 1042: 1’250.50 USD", "fällig am 1. März 2026."),
        ("fr", "fr_FR", "Facture 1042 : 1 250,50 USD", "échéance le 1er mars 2026."),
        ("es", "es_MX", "Factura 1042: 1,250.50 USD", "vencimiento el 1 de marzo de 2026."),
    ],
)
def test_dates_and_amounts_are_written_as_the_reader_writes_them(
    language: str, locale: str, subject: str, said: str
) -> None:
    rows = "Regular, 2026-01-01 to 2026-12-31: 1250.50 USD\nTotal: 1250.50 USD"
    found = mail("invoice", language=language, locale=locale, amount="1250.50", lines=rows)
    assert found.subject == subject
    assert said in found.text
    assert LANGUAGES[language].sentences["row_total"] in found.text
    assert "2026-01-01" not in found.text


def test_yen_and_dinars_keep_their_decimals() -> None:
    told = [mail("receipt", amount=amount, currency=currency).subject for amount, currency in
            (("1250", "JPY"), ("1250.505", "KWD"))]  # fmt: skip
    assert told == ["Receipt: 1,250 JPY", "Receipt: 1,250.505 KWD"]


def test_a_reason_is_said_in_few_words_in_other_languages_and_never_left_in_english() -> None:
    for reason, said in (
        ("There is not enough money in the account.", "Auf dem Konto ist nicht genug Geld."),
        ("A reason that nobody has put into German.", "Die Bank hat die Zahlung abgelehnt."),
    ):
        assert f"\n{said}\n" in mail("payment_failed", language="de", reason=reason).text
        assert reason in mail("payment_failed", reason=reason).text


def test_words_that_were_kept_as_words_stand_as_they_are() -> None:
    facts = {name: text for name, text in FACTS.items() if name != "said_as"}
    found = composed(
        "canceled",
        facts | {"said": "It ended."},
        organization="M",
        name="A",
        to="a@x.org",
        key="k",
        language="de",
    )
    assert "ist gekündigt. It ended." in found.text


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
    wished = [language_of("nl_NL", one) for one in ("fr", "de-AT", "nl", "ja", "")]
    assert wished == ["fr", "de", "nl", "nl", "nl"]


def test_every_event_that_brings_mail_has_a_template() -> None:
    assert set(KIND_OF.values()) <= TEMPLATES.keys()
