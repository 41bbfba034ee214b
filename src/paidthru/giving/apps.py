"""The giving room's app."""

from django.apps import AppConfig


class GivingConfig(AppConfig):
    """The giving room."""

    name = "paidthru.giving"
    label = "giving"
