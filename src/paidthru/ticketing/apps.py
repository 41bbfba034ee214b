"""The ticketing room's app."""

from django.apps import AppConfig


class TicketingConfig(AppConfig):
    """The ticketing room."""

    name = "paidthru.ticketing"
    label = "ticketing"
