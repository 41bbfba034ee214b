"""The notices room's app."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The notices room."""

    name = "paidthru.notices"
    label = "notices"
