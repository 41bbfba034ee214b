"""Invoicing: what is owed, and the documents that ask for it.

Nouns: Receivable (what is owed, once), Invoice (a document), Line. A receivable may stand on several invoices over
time, one of them live. It never knows how money is collected, nor why something is owed: the source is an id.
"""
