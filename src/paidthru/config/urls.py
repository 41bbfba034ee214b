"""Every address of the installation: each web face brings its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("paidthru.faces.api.urls")),
    path("", include("paidthru.faces.portal.urls")),
    path("", include("paidthru.faces.console.urls")),
]
