"""The frame of a document: whose it is, in which language, how amounts and dates are written in it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from paidthru.documents.rules.facts import US_LETTER, Issuer, Payer
from paidthru.documents.rules.sheets import Fact, Frame, Seller
from paidthru.documents.rules.words import WORDS, language_of
from paidthru.kernel.formats import (
    best_locale,
    day_text,
    instant_text,
    money_text,
    number_text,
    percent_text,
    period_text,
    reader_text,
)
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period

_IN_TEMPLATES = (
    "recipient", "description", "quantity", "unit", "tax", "amount", "account", "debit", "credit", "billed", "paid",
    "balance", "used_for", "net", "tax_amount", "date", "by_age",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """How a document speaks: its language, and the locale of its amounts and dates."""

    language: str
    locale: str

    @classmethod
    def of(cls, issuer: Issuer, payer: Payer | None = None) -> "Voice":
        """The payer's language in the organization's region; without one, the organization's own. A language that
        documents can't be written in reads as English, amounts and dates too."""
        language = language_of(payer.language if payer and payer.language else issuer.locale)
        return cls(language, best_locale(language, issuer.locale))

    def word(self, key: str, **filling: str) -> str:
        """A word or sentence with its places filled."""
        return WORDS[self.language][key].format(**filling)

    def money(self, amount_minor: int, currency: str) -> str:
        """An amount with its currency."""
        return money_text(Money(amount_minor, currency), self.locale)

    def day(self, on: date) -> str:
        """A date, its month in letters, so that nobody takes it for the day."""
        return day_text(on, self.locale)

    def period(self, period: Period) -> str:
        """First and last day."""
        return period_text(period, self.locale)

    def instant(self, at: datetime, zone: str) -> str:
        """An instant on the organization's clock."""
        return instant_text(at, zone, self.locale)

    def number(self, count: int) -> str:
        """A count."""
        return number_text(count, self.locale)

    def said(self, text: str) -> str:
        """A text out of the books with its dates in the reader's way."""
        return reader_text(text, self.locale)

    def percent(self, ppm: int) -> str:
        """A rate in millionths."""
        return percent_text(ppm, self.locale)


def framed(
    voice: Voice,
    issuer: Issuer,
    payer: Payer | None,
    heading: str,
    facts: Iterable[tuple[str, str]],
    *,
    made_at: datetime,
    mark: str = "",
) -> Frame:
    """The frame around a document."""
    page, _, rest = voice.word("page", page="\0", pages="\1").partition("\0")
    between, _, _ = rest.partition("\1")
    region = issuer.locale.replace("-", "_").partition("_")[2].upper()
    words = WORDS[voice.language]
    if issuer.sandbox:
        mark = f"{voice.word('sandbox')} {mark}".strip()
    return Frame(
        heading=heading,
        title=f"{heading} – {issuer.name}",
        seller=seller_of(voice, issuer),
        recipient=recipient_of(issuer, payer) if payer else (),
        facts=tuple(Fact(label, value) for label, value in facts),
        words={key: words[key] for key in _IN_TEMPLATES},
        page=(page, between),
        language=voice.language,
        region=region if len(region) == 2 else None,
        paper="us-letter" if region in US_LETTER else "a4",
        made_at=made_at,
        mark=mark,
    )


def seller_of(voice: Voice, issuer: Issuer) -> Seller:
    """The letterhead; the tax number stands before the lines at the foot."""
    tax = (f"{voice.word('tax_number')} {issuer.tax_number}",) if issuer.tax_number else ()
    return Seller(
        name=issuer.name,
        address=issuer.address,
        contact=issuer.contact,
        footer=(*issuer.footer, *tax) or (issuer.name,),
        accent=issuer.accent,
        band=issuer.band,
        logo=issuer.logo,
    )


def recipient_of(issuer: Issuer, payer: Payer) -> tuple[str, ...]:
    """Name and address; the country where it is not the organization's own."""
    abroad = (payer.country,) if payer.country and payer.country != issuer.country else ()
    return (payer.name, *payer.address, *abroad)
