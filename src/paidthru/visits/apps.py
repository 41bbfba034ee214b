"""The visits room's app."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """The visits room."""

    name = "paidthru.visits"
    label = "visits"
