"""Adapters: what stands at the doors to the outside, each behind a port that a room declares.

`sandbox` is a processor of our own that plays with pretended money and keeps its own books; `offline` stands
where there is no processor. Only `wiring.py` imports from here, and no room knows which adapter it talks to.
"""
