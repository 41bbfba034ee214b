"""Addresses of the portal. A link's token is its only key; the sandbox processor's own pages are here too."""

from django.urls import path

from paidthru.faces.portal import join_views, member_views, sandbox_views, sign_up_views, views

urlpatterns = [
    path("m/<str:token>/", member_views.first_page),
    path("m/<str:token>/method/", views.method_page),
    path("m/<str:token>/membership/", member_views.membership_page),
    path("m/<str:token>/pay/", member_views.pay),
    path("m/<str:token>/cancel/", member_views.cancel_page),
    path("m/<str:token>/cancel/confirm/", member_views.cancel_confirmed),
    path("m/<str:token>/undo/", member_views.undo),
    path("m/<str:token>/switch/", member_views.switch_page),
    path("m/<str:token>/switch/confirm/", member_views.switch_confirmed),
    path("m/<str:token>/save/", views.save),
    path("m/<str:token>/remove/", views.remove),
    path("m/<str:token>/confirm/", views.confirm),
    path("m/<str:token>/back/", views.back),
    path("join/<str:token>/", join_views.join_page),
    path("join/on/<str:token>/", sign_up_views.sign_up_page),
    path("join/on/<str:token>/save/", sign_up_views.save),
    path("join/on/<str:token>/back/", sign_up_views.back),
    path("join/on/<str:token>/go/", sign_up_views.go),
    path("join/on/<str:token>/confirm/", sign_up_views.confirm),
    path("join/on/<str:token>/another/", sign_up_views.another),
    path("join/on/<str:token>/member/", sign_up_views.member),
    path("sandbox/save/<slug:ref>/", sandbox_views.save_page),
    path("sandbox/confirm/<slug:ref>/", sandbox_views.confirm_page),
]
