"""Addresses of the console: campaigns, donations, and gifts that come again and again."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import gifts, giving

urlpatterns: list[URLPattern] = [
    path("campaigns/", giving.campaign_list),
    path("campaigns/new/", giving.new_campaign),
    path("campaigns/<uuid:campaign_id>/", giving.one_campaign),
    path("campaigns/<uuid:campaign_id>/close/", giving.close),
    path("donations/", giving.donation_list),
    path("donations/new/", giving.new_donation),
    path("gifts/", gifts.gift_list),
    path("gifts/<uuid:gift_id>/", gifts.one_gift),
    *(
        path(f"gifts/<uuid:gift_id>/{act}/", gifts.change, {"act": act})
        for act in ("pause", "resume", "stop")
    ),
]
