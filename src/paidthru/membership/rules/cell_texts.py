"""Texts in a roster's cells: what is kept, what is cleaned, and what has to be said about it."""

import re
from typing import NamedTuple

from paidthru.kernel.exports import FORMULA_STARTS
from paidthru.membership.rules.cell_words import starts_formula
from paidthru.membership.rules.roster_items import Severity

LONGEST = {"external_id": 100, "email": 254, "phone": 60, "plan": 100, "customer_type": 60, "notes": 10_000,
           "address": 100, "address_2": 100, "postal_code": 20, "city": 60, "region": 60}  # fmt: skip
"""Characters that a text may have; every other one may have `LONGEST_NAME`."""
LONGEST_NAME = 200
ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\r\n\ufffd\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Anything that needs a second look; the common row has none."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNREADABLE = re.compile("[\ud800-\udfff]")
_REVERSING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINE_BREAK = re.compile(r"\s*(?:\r\n|\r|\n)\s*")
_QUIET_FORMULAS = frozenset({"phone", "external_id"})  # +1 555 … is how a phone number begins


class Remark(NamedTuple):
    """Something about a text, as `Fault` has it."""

    code: str
    problem: str
    fix: str
    severity: Severity = "error"


def read_text(name: str, text: str, encoding: str) -> tuple[str, list[Remark]]:
    """The text of the field `name`, '' when it cannot be taken, and the remarks on it.

    The apostrophe with which our own exports guard formulas is taken off again. Line breaks stay in notes and
    become a space elsewhere.
    """
    remarks: list[Remark] = []
    if text[:1] == "'" and text[1:2] and text[1] in FORMULA_STARTS:
        text = text[1:]
    if ODD.search(text):
        text = _cleaned(name, text, encoding, remarks)
    longest = LONGEST.get(name, LONGEST_NAME)
    if len(text) > longest:
        problem = f"The text has {len(text):,} characters; at most {longest:,} are taken."
        return "", [*remarks, Remark("text_too_long", problem, f"Shorten it to {longest:,} characters.")]
    if name not in _QUIET_FORMULAS and starts_formula(text) and (name != "notes" or text[0] in "=@"):
        remarks.append(
            Remark(
                "formula_text",
                "The text begins like a spreadsheet formula.",
                "Nothing to do: it stays text, here and in every export.",
                "warning",
            )
        )
    return text, remarks


def _cleaned(name: str, text: str, encoding: str, remarks: list[Remark]) -> str:
    if _UNREADABLE.search(text):
        problem = f"Some letters cannot be read as {encoding}."
        remarks.append(Remark("text_unreadable", problem, "Correct the cell, or choose the file's encoding."))
        return ""
    if found := _CONTROL.search(text):
        what = "a zero (NUL) character" if found[0] == "\0" else "an invisible control character"
        remarks.append(Remark("control_character", f"The text holds {what}.", "Type the cell's text anew."))
        return ""
    if "\ufffd" in text:
        problem = "A letter was lost in an earlier conversion, and \ufffd stands in its place."
        remarks.append(Remark("letters_lost", problem, "Put the right letter in.", "warning"))
    if _REVERSING.search(text):
        problem = "The text holds signs that turn the direction of reading."
        remarks.append(
            Remark("reversed_text", problem, "Check that it says what it seems to say.", "warning")
        )
    if "\n" in text or "\r" in text:
        fix = "Nothing to do: it is kept in notes and read as a space elsewhere."
        remarks.append(Remark("line_break", "The cell has a line break in it.", fix, "note"))
        return _LINE_BREAK.sub("\n" if name == "notes" else " ", text)
    return text
