"""`paidthru worker`."""

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def worker(
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is left to do.")] = False,
) -> None:
    """Do the scheduled work of every organization, as long as it runs. Several workers may run side by side."""
    from paidthru.faces.worker.program import run

    run(wait=not once)
