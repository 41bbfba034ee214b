"""Addresses of the portal. A link's token is its only key; the sandbox processor's own pages are here too."""

from django.urls import path

from paidthru.faces.portal import sandbox_views, views

urlpatterns = [
    path("m/<str:token>/", views.link_page),
    path("m/<str:token>/save/", views.save),
    path("m/<str:token>/remove/", views.remove),
    path("m/<str:token>/confirm/", views.confirm),
    path("m/<str:token>/back/", views.back),
    path("sandbox/save/<slug:ref>/", sandbox_views.save_page),
    path("sandbox/confirm/<slug:ref>/", sandbox_views.confirm_page),
]
