"""What countries and languages are called, in the words of Unicode's locale data (CLDR)."""

from collections.abc import Iterable, Iterator
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers

_NO_COUNTRY = frozenset({"ZZ", "XA", "XB", "EU", "EZ", "UN", "QO"})


def country_names(languages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Two letters (ISO 3166) and name of every country, in each of the languages."""
    for language in languages:
        for code, name in Locale(language).territories.items():
            if len(str(code)) == 2 and str(code).isalpha() and code not in _NO_COUNTRY:
                yield str(code), str(name)


def language_names(languages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Two letters (ISO 639) and name of every language, in each of the languages."""
    for language in languages:
        for code, name in Locale(language).languages.items():
            if len(str(code)) == 2:
                yield str(code), str(name)


def territories() -> list[tuple[str, str]]:
    """Countries and the like with their English names, by name."""
    named = Locale("en").territories.items()
    return sorted(((code, name) for code, name in named if len(code) == 2), key=lambda one: one[1])


def zones_by_name() -> list[str]:
    """The time zones that people live in, by name: no aliases such as US/Eastern, nothing of Etc."""
    return sorted(
        zone for zone in get_global("zone_territories") if zone in available_timezones() and _lived(zone)
    )


def territory_of_zone(zone: str) -> str:
    """The country in which a time zone lies, such as DE; nothing for what lies in none."""
    found = str(get_global("zone_territories").get(zone) or "")
    return found if len(found) == 2 and found != "ZZ" else ""


def locale_of_territory(territory: str) -> str:
    """How a country writes dates and amounts, in English words where that is known of it, such as en_DE; en_US where
    nothing is known."""
    likely = str(get_global("likely_subtags").get(f"und_{territory}") or "").partition("_")[0]
    known = [one for one in (f"en_{territory}", f"{likely}_{territory}") if one in locale_identifiers()]
    return known[0] if territory and known else "en_US"


def _lived(zone: str) -> bool:
    return "/" in zone and bool(territory_of_zone(zone))
