"""Templates and scripts keep the content security policy: nothing inline, nothing from elsewhere."""

import re
from pathlib import Path

import pytest

from .house import SOURCE

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=[\"']|\bhx-on|javascript:", re.IGNORECASE
)
ELSEWHERE = re.compile(r"(?:src|href|action|url\()\s*[=(]?\s*[\"']?(?:https?:)?//", re.IGNORECASE)
TEMPLATES = sorted(SOURCE.rglob("*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_nothing_inline_and_nothing_from_elsewhere(template: Path) -> None:
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", template.read_text(), flags=re.DOTALL)
    for pattern in (INLINE, ELSEWHERE):
        assert pattern.findall(text) == []


def test_the_stylesheets_fetch_nothing() -> None:
    for sheet in SOURCE.rglob("*.css"):
        assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", sheet.read_text()), sheet
