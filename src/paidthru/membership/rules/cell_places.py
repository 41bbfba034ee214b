"""Where somebody gets letters, and in which language, as a roster has it: in one cell or in several."""

from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from paidthru.kernel.territories import country_names, language_names
from paidthru.membership.rules.cell_words import plain_words

PLACE_FIELDS = ("address", "address_2", "postal_code", "city", "region")
_READ_IN = ("en", "de", "fr", "es", "it", "nl", "pt")
#: There the city comes first, and the region stands before the postal code.
_CITY_FIRST = frozenset({"US", "CA", "AU", "GB", "IE", "NZ"})
_CITY_FIRST_MONEY = frozenset({"USD", "CAD", "AUD", "GBP", "NZD"})
_MORE: Mapping[str, str] = MappingProxyType(
    {"usa": "US", "u s a": "US", "u s": "US", "america": "US", "uk": "GB", "u k": "GB", "england": "GB",
     "scotland": "GB", "wales": "GB", "great britain": "GB", "holland": "NL"}
)  # fmt: skip


def postal_lines(cells: Mapping[str, str], country: str, currency: str) -> str:
    """The lines of an address out of its cells, by `PLACE_FIELDS`; without a country, in the order of the places where
    the `currency` is used. A region by itself is no address: other programs call a status so."""
    city, code, region = cells["city"], cells["postal_code"], cells["region"]
    if not (cells["address"] or city or code):
        return ""
    if country in _CITY_FIRST or (not country and currency in _CITY_FIRST_MONEY):
        tail = " ".join(part for part in (region, code) if part)
        town = ", ".join(part for part in (city, tail) if part)
    else:
        town = ", ".join(part for part in (" ".join(part for part in (code, city) if part), region) if part)
    return "\n".join(line for line in (cells["address"], cells["address_2"], town) if line)


@lru_cache(maxsize=1024)
def country_of(text: str) -> str | None:
    """The two letters (ISO 3166) of a country that is named by them or by its name, in several languages; None for what
    names none."""
    if text.strip().upper() in _codes():
        return text.strip().upper()
    word = plain_words(text)
    return _MORE.get(word) or _names().get(word)


@lru_cache(maxsize=1024)
def language_of(text: str) -> str | None:
    """The code of a language that is named by it (`de`, `de-CH`) or by its name; None for what names none."""
    code = text.strip().replace("-", "_").partition("_")[0].lower()
    return code if code in _languages().values() else _languages().get(plain_words(text))


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code, _ in country_names(["en"]))


@cache
def _names() -> Mapping[str, str]:
    return {plain_words(name): code for code, name in country_names(reversed(_READ_IN))}


@cache
def _languages() -> Mapping[str, str]:
    return {plain_words(name): code for code, name in language_names(reversed(_READ_IN))}
