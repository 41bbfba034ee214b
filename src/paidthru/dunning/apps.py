"""The dunning room's app."""

from django.apps import AppConfig


class DunningConfig(AppConfig):
    """The dunning room."""

    name = "paidthru.dunning"
    label = "dunning"
