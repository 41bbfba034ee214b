"""What was measured, as a table and as a file."""

import json
import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Figures = dict[str, Any]
RESULTS = Path(__file__).with_name("results")


@dataclass
class Report:
    """Lines for a reader, and the figures behind them."""

    members: int
    versions: dict[str, str]
    lines: list[str] = field(default_factory=list)
    figures: Figures = field(default_factory=dict)
    name: str = ""  # of what else than a renewal run was measured

    def say(self, line: str = "") -> None:
        """A line, printed as soon as it is known."""
        print(line, flush=True)
        self.lines.append(line)

    def write(self) -> Path:
        """Writes results/N.md and results/N.json (with the name before the N, if there is one); returns the former."""
        RESULTS.mkdir(exist_ok=True)
        head = {
            "members": self.members, "measured_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "cores": os.cpu_count(), "machine": platform.machine(), "system": platform.system(), **self.versions,
        }  # fmt: skip
        about = "\n".join(f"- {name.replace('_', ' ')}: {value}" for name, value in head.items())
        text = "\n".join(self.lines)
        page = RESULTS / f"{self.name}{'-' if self.name else ''}{self.members}.md"
        page.write_text(f"# Measured with {self.members:,} members\n\n{about}\n\n```\n{text}\n```\n")
        page.with_suffix(".json").write_text(json.dumps(head | self.figures, indent=2) + "\n")
        return page
