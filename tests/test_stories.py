"""Every story in tests/stories holds."""

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
