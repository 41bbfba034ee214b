"""Addresses of the console: how a membership ends, and goes on after all."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import ending

urlpatterns: list[URLPattern] = [
    path("members/<uuid:party_id>/cancel/", ending.cancel),
    path("members/<uuid:party_id>/undo/", ending.undo),
]
