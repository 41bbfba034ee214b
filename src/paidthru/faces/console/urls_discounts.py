"""Addresses of the console: discounts."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import discounts

urlpatterns: list[URLPattern] = [
    path("settings/discounts/", discounts.discount_list),
    path("settings/discounts/new/", discounts.new),
    path("settings/discounts/<uuid:discount_id>/", discounts.one_discount),
    path("settings/discounts/<uuid:discount_id>/end/", discounts.end),
    path("members/<uuid:party_id>/discount/", discounts.give),
]
