"""`paidthru invoice pdf`: an invoice as a document."""

from pathlib import Path
from typing import Annotated

import typer

from paidthru.faces.cli.shell import Org, desk, say
from paidthru.kernel.errors import Refused


def pdf(
    number: Annotated[str, typer.Argument(help="The invoice's number.")],
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; else a file of its own name here.", metavar="FILE")
    ] = None,
    slug: Org = "",
) -> None:
    """Write an invoice as PDF/A, with the invoice as data inside where that is on (Factur-X)."""
    from paidthru.documents.queries import invoice_document
    from paidthru.invoicing.queries import invoice_called
    from paidthru.wiring import printer

    organization = desk(slug).organization
    found = invoice_called(organization.id, number)
    if found is None:
        raise Refused(
            "invoice_unknown",
            f"There is no invoice {number}.",
            field="invoice",
            value=number,
            fix="The console lists them at each member.",
        )
    document = invoice_document(organization, found)
    path = out or Path(document.file_name)
    try:
        path.write_bytes(printer().pdf(document.sheet, electronic=document.electronic))
    except OSError as error:
        raise Refused(
            "file_not_writable",
            f"{path} can't be written: {error.strerror}.",
            field="out",
            value=str(path),
            fix="Name another place with --out.",
        ) from error
    say(f"Written: {path}")
