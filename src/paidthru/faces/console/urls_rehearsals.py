"""Addresses of the console: rehearsals."""

from django.urls import URLPattern, path

from paidthru.faces.console.views import rehearsals

urlpatterns: list[URLPattern] = [
    path("rehearsals/", rehearsals.rehearsals),
    path("rehearsals/new/", rehearsals.new),
    path("rehearsals/<uuid:id_>/", rehearsals.rehearsal),
    path("rehearsals/<uuid:id_>/members/", rehearsals.members),
    path("rehearsals/<uuid:id_>/discard/", rehearsals.discard),
]
