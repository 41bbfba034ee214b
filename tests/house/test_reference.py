"""docs/policies.md and docs/states.md say what the code says."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_reference_pages_are_current() -> None:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec is not None and spec.loader is not None
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    for name, page in reference.PAGES.items():
        written = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert written == "\n".join(page()).rstrip() + "\n", f"run: python scripts/reference.py ({name})"
