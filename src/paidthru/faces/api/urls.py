"""Addresses of the API."""

from django.urls import URLPattern, path

from paidthru.faces.api import webhooks

urlpatterns: list[URLPattern] = [path("webhooks/<uuid:account_id>/", webhooks.event)]
