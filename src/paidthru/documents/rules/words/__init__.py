"""The words of documents by language. Each has all of them (a test looks); English stands in for any other language."""

from collections.abc import Mapping
from types import MappingProxyType

from paidthru.documents.rules.words.de import DE
from paidthru.documents.rules.words.en import EN
from paidthru.documents.rules.words.es import ES
from paidthru.documents.rules.words.fr import FR

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": EN, "de": DE, "fr": FR, "es": ES})
LANGUAGES = MappingProxyType({"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"})


def language_of(*wished: str) -> str:
    """The first of the languages or locales (`de`, `de_CH`) that documents can be written in, else English."""
    for code in wished:
        language = code.replace("-", "_").split("_")[0].lower()
        if language in WORDS:
            return language
    return "en"
