"""Dunning: what is done, and when, about something owed that was not paid.

Its nouns: a case (one for each receivable that is unpaid), its steps (mails, past due, the end), a pause or an
arrangement during which it stands still. It never charges anybody: when a payment is tried again is the payments
room's to say; it only reads what was tried.
"""
