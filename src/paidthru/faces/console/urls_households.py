"""Addresses of the console: households and companies."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import households, payer

urlpatterns: list[URLPattern] = [
    path("members/households/", households.household_list),
    path("members/households/new/", households.new),
    path("members/<uuid:party_id>/people/add/", households.add_person),
    path("members/<uuid:party_id>/people/<uuid:belonging_id>/end/", households.end_stay),
    path("members/<uuid:party_id>/payer/", payer.payer),
    path("plans/<uuid:plan_id>/seats/", households.seats),
]
