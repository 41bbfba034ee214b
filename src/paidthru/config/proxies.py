"""Which proxy in front of `paidthru serve` is believed when it says whose request it passes on."""

from collections.abc import Mapping
from typing import Any


def proxy_arguments(environ: Mapping[str, str]) -> dict[str, Any]:
    """What waitress is told. With PAIDTHRU_TRUSTED_PROXY, the address that the proxy calls from, its X-Forwarded-For
    and X-Forwarded-Proto count, and those of anybody else are thrown away; without it nobody's count, but what
    PAIDTHRU_HTTPS asks for: X-Forwarded-Proto, which waitress would throw away by itself."""
    proxy = environ.get("PAIDTHRU_TRUSTED_PROXY", "").strip()
    if not proxy:
        https = environ.get("PAIDTHRU_HTTPS", "").lower() in {"1", "yes", "true", "on"}
        return {"clear_untrusted_proxy_headers": False} if https else {}
    return {
        "trusted_proxy": proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto",
        "clear_untrusted_proxy_headers": True,
    }
