"""Addresses of the console: the examples beside the policies."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import examples

urlpatterns: list[URLPattern] = [
    path("settings/impact/", examples.impact),
    path("settings/examples/", examples.example_list),
    path("settings/examples/add/", examples.add),
    path("settings/examples/preset/", examples.add_preset),
    path("settings/examples/run/", examples.run),
    path("settings/examples/together/", examples.together),
    path("settings/examples/<uuid:example_id>/", examples.example),
    path("settings/examples/<uuid:example_id>/edit/", examples.edit),
    path("settings/examples/<uuid:example_id>/remove/", examples.remove),
]
