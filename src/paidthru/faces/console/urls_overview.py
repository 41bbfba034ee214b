"""Addresses of the console: the overview, and dues."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import dashboard, dues

urlpatterns: list[URLPattern] = [
    path("overview/", dashboard.dashboard),
    path("overview/expected/", dashboard.expected),
    path("dues/", dues.dues),
    path("dues/upcoming/", dues.upcoming),
]
