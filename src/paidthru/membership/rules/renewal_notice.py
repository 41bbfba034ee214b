"""What a renewal notice says: the term, what it costs, what was left unpaid before, and credit (G-43, G-45). Pure."""

from dataclasses import dataclass
from datetime import date

from paidthru.kernel.money import plain

PREVIOUS = "previous balance"  # the rule in the derivation of a line that carries one on


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A line of the bill, in minor units. `is_previous`: it was billed before and left unpaid."""

    description: str
    amount_minor: int
    is_previous: bool


@dataclass(frozen=True, slots=True)
class RenewalNotice:
    """A renewal notice's facts, amounts in minor units of `currency`. `credit_minor` is what was or will be used of the
    member's credit; a notice shows it only where previous balances are kept (`shows_credit`, G-43). `open_minor` is to
    be paid by `due_on`."""

    invoice: int | str
    lines: tuple[NoticeLine, ...]
    total_minor: int
    credit_minor: int
    open_minor: int
    currency: str
    due_on: date
    shows_credit: bool


def said(notice: RenewalNotice) -> str:
    """The notice as plain text, a line each."""

    def line(text: str, amount_minor: int) -> str:
        return f"{text}: {plain(amount_minor, notice.currency)} {notice.currency}"

    lines = [line(one.description, one.amount_minor) for one in notice.lines]
    lines.append(line("Total", notice.total_minor))
    if notice.shows_credit and notice.credit_minor:
        lines.append(line("Credit", -notice.credit_minor))
    lines.append(line(f"To be paid by {notice.due_on.isoformat()}", notice.open_minor))
    return "\n".join(lines)
