"""Giving: what people give of their own will.

Its nouns: a campaign (a goal, its days and its own link), a donation (given once: voluntary, never owed, nobody is
dunned for it), and a gift (the consent to give the same amount again and again, apart from any membership). What a
campaign has raised is a question to what was paid, never a number of its own.
"""
