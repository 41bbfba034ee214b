"""Addresses for programs: so far those at which processors tell what happened."""
