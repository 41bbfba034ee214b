"""`paidthru story`: plain-text stories are run, and say whether the product does what they tell."""

import json
from pathlib import Path
from typing import Annotated

import typer

from paidthru.kernel.errors import Refused

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Stories: what is expected, written so that a treasurer can read it and a machine can run it."""


@app.command()
def run(
    file: Annotated[list[Path], typer.Argument(help="Story files, or folders of them.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Run stories, each in a throw-away organization; exit code 1 when one of them is not as told."""
    from paidthru.faces.stories.runner import run_files

    results = []
    for result in run_files(file):
        results.append(result)
        if as_json:
            continue
        typer.echo(f"{'ok    ' if result.ok else 'FAILED'}  {result.file}  {result.title}")
        for failure in result.failures:
            typer.echo("\n".join(f"        {line}" for line in failure.splitlines()))
    if not results:
        raise Refused(
            "no_stories",
            "There is no story there.",
            field="file",
            value=str(file[0]),
            fix="Name files that end in .story, or a folder that holds some.",
        )
    failed = sum(not result.ok for result in results)
    if as_json:
        told = [
            {"file": one.file, "title": one.title, "ok": one.ok, "failures": list(one.failures)}
            for one in results
        ]
        typer.echo(json.dumps({"ok": not failed, "stories": told}, ensure_ascii=False, indent=2))
    else:
        typer.echo(f"{len(results) - failed} of {len(results)} stories are as told.")
    if failed:
        raise typer.Exit(1)
