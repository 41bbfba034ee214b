"""Documents: what an organization hands out on paper or as PDF: invoice, credit note, receipt, statement of account,
renewal notice, batch report.

It knows how each is put together: which words in which language, which lines, which totals (`rules/`), and where its
facts are (`queries/`). Who draws it stands behind a port (`printer.py`). It writes nothing, adds up nothing that the
books do not say, and never decides what is owed.
"""
