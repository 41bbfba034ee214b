"""Texts with placeholders: `{{ name }}`, filled in one pass and never executed (field-notes E.6, 71). Pure.

A text is paragraphs with blank lines between them. What fills a placeholder is text too: it makes no paragraph, no
link and no other placeholder, whatever it holds.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from paidthru.kernel.errors import Refused

SUBJECT_MOST, BODY_MOST = 150, 10_000
_HOLDER = re.compile(r"\{\{[ \t\u00a0]*([a-z][a-z_]*)[ \t\u00a0]*\}\}")
_STRAY = re.compile(r"\{\{[^\n]{0,30}|\}\}|\{%[^\n]{0,30}")
_BREAK = re.compile(r"\n[ \t]*\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of a mail as it is drawn: text (with line breaks), the address behind a button, or rows of what is said
    and its figure, a line each."""

    kind: Literal["text", "button", "rows"]
    text: str


def named(text: str) -> frozenset[str]:
    """The placeholders that a text has."""
    return frozenset(_HOLDER.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled. Raises KeyError for one that has no value."""
    return _HOLDER.sub(lambda found: values[found[1]], text)


def subject_of(text: str, values: Mapping[str, str]) -> str:
    """A subject, on one line whatever fills it, so that nobody's name can add a header (B-71)."""
    return " ".join(_CONTROL.sub(" ", filled(text, values)).split())


def paragraphs(
    body: str, values: Mapping[str, str], *, blocks: Collection[str] = ()
) -> tuple[Paragraph, ...]:
    """A body's paragraphs; one that comes out empty is left out. A link that stands alone is a button; one of
    `blocks` that stands alone is rows. Raises KeyError as `filled`."""
    found: list[Paragraph] = []
    for part in _BREAK.split(body.strip()):
        alone = _HOLDER.fullmatch(part.strip())
        text = "\n".join(line.rstrip() for line in filled(part, values).strip().splitlines())
        if not text:
            continue
        if alone and alone[1] == "link":
            found.append(Paragraph("button", text))
        elif alone and alone[1] in blocks:
            found.append(Paragraph("rows", text))
        else:
            found.append(Paragraph("text", text))
    return tuple(found)


def plain(parts: Collection[Paragraph]) -> str:
    """The same as plain text."""
    return "\n\n".join(part.text for part in parts) + "\n"


def refuse_unfit(subject: str, body: str, *, allowed: Collection[str], needed: Collection[str] = ()) -> None:
    """Refuses a text that can't be sent: `template_text_invalid` (empty, too long, unreadable signs),
    `placeholder_broken`, `placeholder_unknown` and `placeholder_missing`, each with its field."""
    for field, text, most in (("subject", subject, SUBJECT_MOST), ("body", body, BODY_MOST)):
        _refuse_text(field, text, most)
        _refuse_placeholders(field, text, sorted(allowed))
    missing = sorted(set(needed) - named(body))
    if missing:
        listed = ", ".join(f"{{{{ {one} }}}}" for one in missing)
        raise Refused(
            "placeholder_missing",
            f"This mail is of no use without {listed}.",
            field="body",
            fix=f"Put {listed} where it is to stand; alone on its line it becomes a button.",
        )


def _refuse_text(field: str, text: str, most: int) -> None:
    if not text.strip():
        raise Refused(
            "template_text_invalid",
            f"The {field} is empty.",
            field=field,
            fix="Write what the mail is to say.",
        )
    if len(text) > most:
        raise Refused(
            "template_text_invalid",
            f"The {field} has {len(text)} signs; at most {most} are possible.",
            field=field,
            fix="Shorten it.",
        )
    if _CONTROL.search(text) or (field == "subject" and "\n" in text.strip()):
        raise Refused(
            "template_text_invalid",
            f"The {field} holds signs that no mail can show, or a line break in the subject.",
            field=field,
            fix="Type it anew, without what was pasted.",
        )


def _refuse_placeholders(field: str, text: str, allowed: list[str]) -> None:
    listed = ", ".join(f"{{{{ {one} }}}}" for one in allowed)
    stray = _STRAY.search(_HOLDER.sub("", text))
    if stray:
        raise Refused(
            "placeholder_broken",
            f"“{stray[0].strip()}” is no placeholder.",
            field=field,
            value=stray[0].strip(),
            fix=f"Placeholders of this mail are {listed}.",
        )
    unknown = sorted(named(text) - set(allowed))
    if unknown:
        raise Refused(
            "placeholder_unknown",
            f"This mail knows no {{{{ {unknown[0]} }}}}.",
            field=field,
            value=unknown[0],
            fix=f"Placeholders of this mail are {listed}.",
        )
