"""Gift Aid: what a charity in the United Kingdom claims back on what was given under a declaration (A-25). Pure.

Rates and limits stand in dated tables with their sources, for they change. A declaration names the donor, their home
address and the charity, what it covers, and says the tax to them: HMRC, Charities: detailed guidance notes, chapter 3,
sections 3.6 and 3.9. What was given up to four years before may be covered too.
"""

import re
from dataclasses import dataclass
from datetime import date

from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import add_months

MOST_LINES = 1_000  # of a claim: so many rows HMRC's schedule has
YEARS_BACK = 4  # Finance Act 2008, schedule 39: claims are made within four years
CURRENCY = "GBP"


@dataclass(frozen=True, slots=True)
class BasicRate:
    """The basic rate of income tax from a local date on, in per cent."""

    from_on: date
    percent: int


BASIC_RATES = (BasicRate(date(2008, 4, 6), 20),)
"""Finance Act 2008, section 3; unchanged since."""


@dataclass(frozen=True, slots=True)
class BenefitLimit:
    """What a donor may get in return from a local date on, in minor units: so many per cent of the gift up to
    `first_minor`, so many of the rest, and no more than `most_minor` altogether."""

    from_on: date
    first_minor: int
    first_percent: int
    rest_percent: int
    most_minor: int


BENEFIT_LIMITS = (BenefitLimit(date(2019, 4, 6), 100_00, 25, 5, 2_500_00),)
"""Finance Act 2019, section 41 (Income Tax Act 2007, section 418)."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What a declaration covers: from a local date through the day before `until_on` (None: until it is withdrawn)."""

    from_on: date
    until_on: date | None

    def has(self, on: date) -> bool:
        """Whether what was given on a local date is covered."""
        return self.from_on <= on and (self.until_on is None or on < self.until_on)


def words(charity: str, from_on: date) -> str:
    """What a donor agrees to: HMRC's own statement of the tax, with the charity and what is covered."""
    return (
        f"I want to Gift Aid my donations to {charity} from {from_on.isoformat()} on, until I say otherwise. I am a UK"
        " taxpayer and understand that if I pay less Income Tax and/or Capital Gains Tax than the amount of Gift Aid"
        " claimed on all my donations in a tax year, it is my responsibility to pay any difference."
    )


def checked_from(from_on: date, today: date) -> None:
    """Refuses `past_date` for a first day that is to come, or more than four years ago."""
    earliest = add_months(today, -12 * YEARS_BACK)
    if earliest <= from_on <= today:
        return
    raise Refused(
        "past_date",
        f"A declaration covers donations from {earliest} at the earliest, and from today at the latest.",
        field="from_on",
        value=from_on.isoformat(),
        fix=f"Choose a day from {earliest} to {today}.",
    )


def may_be_claimed(amount_minor: int, advantage_minor: int, on: date) -> bool:
    """Whether Gift Aid is claimed on a donation of a local date, by what the donor got in return (minor units)."""
    if not advantage_minor:
        return True
    held = [one for one in BENEFIT_LIMITS if one.from_on <= on]
    if not held:
        return False
    limit = max(held, key=lambda one: one.from_on)
    first = min(amount_minor, limit.first_minor)
    allowed = first * limit.first_percent + (amount_minor - first) * limit.rest_percent
    return advantage_minor * 100 <= min(allowed, limit.most_minor * 100)


def tax_on(amount_minor: int, on: date) -> int:
    """The tax that is claimed back on a donation of a local date, in minor units: the basic rate on the gift with its
    tax, so 25 on 100 at 20 per cent; never a part of a penny too much. Nothing before the table begins."""
    held = [one for one in BASIC_RATES if one.from_on <= on]
    if not held:
        return 0
    percent = max(held, key=lambda one: one.from_on).percent
    return amount_minor * percent // (100 - percent)


def names_of(donor: str) -> tuple[str, str]:
    """First and last name as HMRC's schedule has them: the last word is the last name."""
    first, _, last = donor.strip().rpartition(" ")
    return (first or last)[:35], last[:35]


def house_of(address: str) -> str:
    """The house as HMRC's schedule has it: its number or name, the beginning of the address up to the street."""
    line = next((one.strip() for one in address.splitlines() if one.strip()), "")
    begin = line.split(",")[0].split(" ")[0] if line[:1].isdigit() else line.split(",")[0]
    return begin.strip()[:40]


_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?|GIR) ?([0-9][A-Z]{2})")
ABROAD = "X"  # what HMRC's schedule has in the place of the postcode of a donor whose home is abroad


def checked_postcode(text: str) -> str:
    """A postcode of the United Kingdom (the Channel Islands and the Isle of Man too) as HMRC's schedule has it, in
    capitals with a space; `X` for a donor abroad. Refused `postcode_invalid`."""
    known = " ".join(text.upper().split())
    found = _POSTCODE.fullmatch(known)
    if known == ABROAD or found:
        return f"{found[1]} {found[2]}" if found else ABROAD
    raise Refused(
        "postcode_invalid",
        f"“{text[:40]}” is no postcode of the United Kingdom.",
        field="postcode",
        value=text[:40],
        fix="Write it as SW1A 1AA. Whoever lives abroad enters X.",
    )
