"""The paper that a mail is drawn on: HTML that looks the same in the common mail programs. Pure.

Tables and inline styles, for that is what they all understand; nothing is fetched from anywhere; every text is escaped.
"""

from collections.abc import Iterable
from html import escape

from paidthru.notices.rules.rendering import Paragraph

_FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_TEXT = f"{_FONT};font-size:16px;line-height:1.5;color:#1d2624"
_SMALL = f"{_FONT};font-size:13px;line-height:1.5;color:#5b6764"
ACCENT = "#14594a"
_DARK = (
    "@media (prefers-color-scheme:dark){.desk{background:#121816!important}.sheet{background:#1c2422!important}"
    ".ink,.ink a{color:#e8efec!important}.hush,.hush a{color:#a5b2ae!important}"
    ".rule{border-color:#35413d!important}}"
    "@media (max-width:480px){.pad{padding:20px!important}}"
)


def drawn(
    parts: Iterable[Paragraph],
    *,
    subject: str,
    organization: str,
    language: str,
    button: str,
    accent: str = ACCENT,
    foot: Iterable[str] = (),
    unsubscribe: tuple[str, str] | None = None,
) -> str:
    """A whole mail as HTML, its heading and buttons in an accent that can be read on white. `button` is what a link's
    button says, `foot` the small print, `unsubscribe` the words and the address by which its like are declined."""
    drawn_parts = list(parts)
    opening = next((part.text for part in drawn_parts[1:] if part.kind == "text"), "")
    body = "".join(_part(part, button, accent) for part in drawn_parts)
    small = "".join(
        f'<p style="margin:0 0 8px;{_SMALL}" class="hush" dir="auto">{_text(one)}</p>' for one in foot
    )
    if unsubscribe:
        words, address = unsubscribe
        small += (
            f'<p style="margin:0;{_SMALL}" class="hush">'
            f'<a href="{escape(address)}" style="color:#5b6764;text-decoration:underline">{escape(words)}</a></p>'
        )
    return (
        f'<!DOCTYPE html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(subject)}</title><style>{_DARK}</style></head>"
        '<body class="desk" style="margin:0;padding:0;background:#f2f5f4">'
        f'<div style="display:none;max-height:0;overflow:hidden">{escape(opening[:120])}</div>'
        '<table role="presentation" class="desk" width="100%" cellpadding="0" cellspacing="0" border="0"'
        ' style="background:#f2f5f4"><tr><td align="center" style="padding:24px 12px">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
        ' style="max-width:560px;text-align:left">'
        f'<tr><td style="padding:0 4px 12px;{_FONT};font-size:15px;font-weight:600;color:{accent}" class="ink"'
        f' dir="auto">{escape(organization)}</td></tr>'
        '<tr><td class="sheet pad" style="background:#ffffff;border-radius:8px;padding:32px">'
        f"{body}</td></tr>"
        f'<tr><td style="padding:16px 4px 0">{small}</td></tr>'
        "</table></td></tr></table></body></html>\n"
    )


def _part(part: Paragraph, button: str, accent: str) -> str:
    if part.kind == "button":
        address = escape(part.text)
        return (
            '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 8px"><tr>'
            f'<td style="background:{accent};border-radius:6px">'
            f'<a href="{address}" style="display:inline-block;padding:12px 22px;{_FONT};font-size:16px;font-weight:600;'
            f'line-height:1.2;color:#ffffff;text-decoration:none">{escape(button)}</a></td></tr></table>'
            f'<p style="margin:0 0 16px;{_SMALL};word-break:break-all" class="hush">{address}</p>'
        )
    if part.kind == "rows":
        rows = "".join(_row(line) for line in part.text.splitlines())
        return (
            '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
            f' style="margin:0 0 16px">{rows}</table>'
        )
    return f'<p style="margin:0 0 16px;{_TEXT}" class="ink" dir="auto">{_text(part.text)}</p>'


def _row(line: str) -> str:
    said, colon, figure = line.rpartition(": ")
    edge = "border-top:1px solid #dfe6e3;padding:8px 0"
    if not colon:
        return (
            f'<tr><td colspan="2" class="ink rule" style="{edge};{_TEXT}" dir="auto">{escape(line)}</td></tr>'
        )
    return (
        f'<tr><td class="ink rule" style="{edge};{_TEXT}" dir="auto">{escape(said)}</td>'
        f'<td class="ink rule" align="right" valign="top" style="{edge};padding-left:16px;white-space:nowrap;{_TEXT}">'
        f"{escape(figure)}</td></tr>"
    )


def _text(text: str) -> str:
    return escape(text).replace("\n", "<br>")
