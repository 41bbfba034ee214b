"""Every story in tests/stories holds, and so do those that the documentation tells."""

import re
from pathlib import Path

import pytest

from paidthru.faces.stories.runner import run_story

HERE = Path(__file__).parent
STORIES = sorted((HERE / "stories").rglob("*.story"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.relative_to(HERE / "stories").as_posix())
def test_story(path: Path) -> None:
    result = run_story(path)
    assert result.ok, "\n" + "\n".join(result.failures)


TOLD = [
    (path.name, number, text)
    for path in sorted((HERE.parent / "docs").rglob("*.md"))
    for number, text in enumerate(re.findall(r"^```story\n(story:.*?)^```", path.read_text(), re.M | re.S), 1)
]


def test_the_documentation_tells_stories() -> None:
    assert TOLD


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("page", "number", "text"), TOLD, ids=[f"{page} {number}" for page, number, _ in TOLD]
)
def test_story_of_the_documentation(page: str, number: int, text: str, tmp_path: Path) -> None:
    path = tmp_path / f"{page}-{number}.story"
    path.write_text(text)
    assert run_story(path).failures == ()
