"""Paidthru: self-hosted billing for organizations that live on memberships."""

__version__ = "0.1.0"
