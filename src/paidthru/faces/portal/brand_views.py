"""The organization's own colours and logo on its members' pages, as its letterhead has them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from paidthru.organizations.models import Organization, OrganizationBrand
from paidthru.organizations.rules.shades import shades_of

_TYPES = {"png": "image/png", "jpg": "image/jpeg", "svg": "image/svg+xml"}
_CACHED = cache_control(public=True, immutable=True, max_age=31_536_000)  # a version never changes


@require_safe
@_CACHED
def colours(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The stylesheet with the colours of one version of the letterhead."""
    brand = _brand(slug, number)
    day, night = shades_of(brand.accent)
    told = {
        "--accent": (day.accent, night.accent),
        "--accent-strong": (day.strong, night.strong),
        "--accent-soft": (day.soft, night.soft),
        "--accent-ink": (day.ink, night.ink),
    }
    lines = "\n".join(f"  {name}: light-dark({one}, {other});" for name, (one, other) in told.items())
    return HttpResponse(f":root {{\n{lines}\n}}\n", content_type="text/css; charset=utf-8")


@require_safe
@_CACHED
def logo(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The logo of one version of the letterhead; opened by itself it can run and fetch nothing."""
    brand = _brand(slug, number)
    if brand.logo is None:
        raise Http404
    answer = HttpResponse(bytes(brand.logo.content), content_type=_TYPES[brand.logo.kind])
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


def _brand(slug: str, number: int) -> OrganizationBrand:
    organization = get_object_or_404(Organization, slug=slug)
    found = OrganizationBrand.objects.select_related("logo")
    return get_object_or_404(found, organization=organization, number=number)
