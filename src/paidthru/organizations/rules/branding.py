"""How an organization stands on its documents: what may be said, and in which colours. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal

from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name

ACCENT, BAND = "#14594a", "#eef3f1"
INK = "#1b2321"
MOST_LINES, LONGEST_LINE = 8, 120
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Branding:
    """What the letterhead says; texts of several lines are as they were typed. See `OrganizationBrand`."""

    name: str
    address: str = ""
    country: str = ""
    contact: str = ""
    tax_number: str = ""
    footer: str = ""
    payment: str = ""
    accent: str = ACCENT
    band: str = BAND
    electronic: bool = False


def checked_branding(said: Branding) -> Branding:
    """The same without blanks around it, colours and country in one spelling.

    Refused with the field: as `checked_name`, `too_many_lines`, `text_too_long`, `text_invalid`, `country_invalid`,
    `colour_invalid`, `colour_unreadable`, `country_needed` (electronic invoices name it).
    """
    country = checked_country(said.country)
    if said.electronic and not country:
        raise Refused(
            "country_needed",
            "Electronic invoices name the country that you are in.",
            field="country",
            fix="Enter its two letters, such as DE or FR, or leave electronic invoices off.",
        )
    return Branding(
        name=checked_name(said.name, field="name", most=200),
        address=checked_lines(said.address, field="address"),
        country=country,
        contact=checked_lines(said.contact, field="contact"),
        tax_number=checked_name(said.tax_number, field="tax_number", most=60)
        if said.tax_number.strip()
        else "",
        footer=checked_lines(said.footer, field="footer"),
        payment=checked_lines(said.payment, field="payment"),
        accent=_against(said.accent, "#ffffff", "accent", "white paper"),
        band=_against(said.band, INK, "band", "the text that stands on it"),
        electronic=said.electronic,
    )


def checked_country(text: str, *, field: str = "country") -> str:
    """Two capital letters, or "". Refused `country_invalid`."""
    country = text.strip().upper()
    if country and not _COUNTRY.fullmatch(country):
        raise Refused(
            "country_invalid",
            f"“{text.strip()[:20]}” is no country's two letters.",
            field=field,
            value=text.strip()[:20],
            fix="Write ISO 3166's two letters, such as US, DE or JP.",
        )
    return country


def checked_lines(text: str, *, field: str) -> str:
    """A text of a few lines, each without blanks around it; empty ones are left out. Refused `too_many_lines`,
    `text_too_long`, `text_invalid`."""
    lines = [
        checked_name(line, field=field, most=LONGEST_LINE)
        for line in text.replace("\r\n", "\n").split("\n")
        if line.strip()
    ]
    if len(lines) > MOST_LINES:
        raise Refused(
            "too_many_lines",
            f"These are {len(lines)} lines; {MOST_LINES} have room.",
            field=field,
            value=len(lines),
            fix="Put several into one line.",
        )
    return "\n".join(lines)


def contrast(one: str, other: str) -> tuple[int, int]:
    """How two colours (`#rrggbb`) stand out against each other, as WCAG 2.2 has it: the lighter and the darker one's
    luminance, each with its flare, as whole numbers whose ratio it is."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return light, dark


def _against(text: str, ground: str, field: str, where: str) -> str:
    colour = text.strip().lower()
    if not _COLOUR.fullmatch(colour):
        raise Refused(
            "colour_invalid",
            f"“{text.strip()[:20]}” is no colour.",
            field=field,
            value=text.strip()[:20],
            fix="Write it as # and six digits or letters from a to f, such as #14594a.",
        )
    light, dark = contrast(colour, ground)
    if 2 * light < 9 * dark:  # 4.5 to 1
        tenths = 10 * light // dark
        raise Refused(
            "colour_unreadable",
            f"{colour} can hardly be read against {where}: the contrast is {tenths // 10}.{tenths % 10};"
            " 4.5 are needed.",
            field=field,
            value=colour,
            fix="Choose a darker one." if field == "accent" else "Choose a lighter one.",
        )
    return colour


def _linear(channel: int) -> int:
    """A channel's part of the light (sRGB, as WCAG 2.2 has it), in millionths."""
    part = Decimal(channel) / 255
    linear = (
        part / Decimal("12.92")
        if part <= Decimal("0.04045")
        else ((part + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")
    )
    return int(linear * 1_000_000)


def _luminance(colour: str) -> int:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    weighed = 2126 * _linear(red) + 7152 * _linear(green) + 722 * _linear(blue)
    return weighed // 10_000 + 50_000
