"""What countries and languages are called, in the words of Unicode's locale data (CLDR)."""

from collections.abc import Iterable, Iterator

from babel import Locale

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
