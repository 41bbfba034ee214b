"""The console: what staff see. Pages are made of few parts, described in `parts.py`.

Views parse, call one action or query, and hand a page (plain data) to its template; nothing is decided here.
"""
