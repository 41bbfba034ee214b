"""Addresses of the console: what is changed of a running membership."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import changing, cycles, explaining

urlpatterns: list[URLPattern] = [
    path("members/<uuid:party_id>/why/", explaining.why),
    path("members/<uuid:party_id>/switch/", changing.switch),
    path("members/<uuid:party_id>/renewal-date/", changing.renewal_date),
    path("members/<uuid:party_id>/active/", changing.active),
    path("members/<uuid:party_id>/dates/", changing.dates),
    path("members/<uuid:party_id>/paid/", cycles.paid),
    path("members/<uuid:party_id>/resolve/", cycles.resolve),
]
