"""Addresses of the console: events and their tickets."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import events

urlpatterns: list[URLPattern] = [
    path("events/", events.event_list),
    path("events/new/", events.new_event),
    path("events/<uuid:event_id>/", events.one_event),
    path("events/<uuid:event_id>/sell/", events.sell),
    path("events/<uuid:event_id>/door/", events.door),
    path("events/<uuid:event_id>/close/", events.close),
    path("events/<uuid:event_id>/tickets/<uuid:ticket_id>/back/", events.give_back),
]
