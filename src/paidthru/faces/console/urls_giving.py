"""Addresses of the console: campaigns and donations."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import giving

urlpatterns: list[URLPattern] = [
    path("campaigns/", giving.campaign_list),
    path("campaigns/new/", giving.new_campaign),
    path("campaigns/<uuid:campaign_id>/", giving.one_campaign),
    path("campaigns/<uuid:campaign_id>/close/", giving.close),
    path("donations/", giving.donation_list),
    path("donations/new/", giving.new_donation),
]
