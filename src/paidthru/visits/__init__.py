"""Visits: who came, and what a visit costs those whose membership doesn't cover it.

Its nouns: a visit price (for whoever is no member, and for members beyond what their plan includes, at all times or in
its windows), and a visit (at a kiosk, or entered by staff). It never asks what a
membership includes: that is the caller's to say, for this room knows no plans.
"""
