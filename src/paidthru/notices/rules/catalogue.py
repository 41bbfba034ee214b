"""The catalogue: the words of each kind of mail (`kinds.py`), by language, and how a mail is put together. Pure.

Texts have placeholders, `{{ name }}` (`rendering.py`), filled out of the message's facts. A fact that a standard text
needs and that is missing is an error when the mail is written, not when it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from paidthru.kernel.formats import best_locale
from paidthru.notices.rules.english import ENGLISH
from paidthru.notices.rules.kinds import BLOCKS, KINDS, samples
from paidthru.notices.rules.languages import french, german, spanish
from paidthru.notices.rules.paper import ACCENT, drawn
from paidthru.notices.rules.rendering import named, paragraphs, plain, subject_of
from paidthru.notices.rules.sentences import ENGLISH_SENTENCES, spoken, why

ENGLISH_CODE = "en"
#: Known when a mail is sent, and not among the facts of its message.
_AT_SENDING = frozenset({"organization", "name", "link", "until", "manage", "code"})


@dataclass(frozen=True, slots=True)
class Template:
    """The words of a kind of mail: its subject, its text, and what the button of its link says."""

    subject: str
    text: str
    button: str = ""

    @property
    def tokens(self) -> frozenset[str]:
        """What the facts of a message have to hold; the rest is known when it is sent."""
        return self.placeholders - _AT_SENDING

    @property
    def has_link(self) -> bool:
        """Whether a secret link is made for it when it is sent."""
        return "link" in self.placeholders

    @property
    def placeholders(self) -> frozenset[str]:
        """All that it has."""
        return named(self.subject) | named(self.text)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF that goes with a mail, under its name."""

    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is sent: `text`, and the same as `html` ("" for none). `occasion` is the same however often it is
    sent, so that it can be told from another. `unsubscribe` is where its like are declined."""

    to: str
    subject: str
    text: str
    occasion: str
    html: str = ""
    unsubscribe: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """A language that mails are written in: its name, its texts, the words around them, and the sentences that fill
    them."""

    name: str
    texts: Mapping[str, Template]
    decline: str
    button: str
    sentences: Mapping[str, str]


def _language(
    name: str,
    texts: Mapping[str, tuple[str, str, str]],
    decline: str,
    button: str,
    sentences: Mapping[str, str],
) -> Language:
    by_kind = MappingProxyType({kind: Template(*one) for kind, one in texts.items()})
    return Language(name, by_kind, decline, button, sentences)


_ENGLISH = _language("English", ENGLISH, "I don’t want mails like this one", "Go on", ENGLISH_SENTENCES)
#: By the code that a locale begins with. Any other language reads the standard texts in English.
LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {ENGLISH_CODE: _ENGLISH}
    | {
        code: _language(one.NAME, one.TEXTS, one.DECLINE, one.BUTTON, one.SENTENCES)
        for code, one in (("de", german), ("fr", french), ("es", spanish))
    }
)
TEMPLATES: Mapping[str, Template] = _ENGLISH.texts


def language_of(locale: str, wished: str = "") -> str:
    """The code of the language in which an organization of a locale writes to somebody: the `wished` one where there
    are texts in it, else its own."""
    code = _code(wished)
    return code if code in LANGUAGES else _code(locale) or ENGLISH_CODE


def why_in(sentence: str, language: str) -> str:
    """Why a payment failed, which is kept in English, in a language by its code."""
    return why(sentence, LANGUAGES.get(language, _ENGLISH).sentences)


def _code(locale: str) -> str:
    return locale.replace("-", "_").partition("_")[0].lower()


def standard(kind: str, language: str) -> Template:
    """The standard words of a kind, in English where the language has none."""
    found = LANGUAGES.get(language)
    return (found.texts.get(kind) if found else None) or TEMPLATES[kind]


def allowed(kind: str) -> frozenset[str]:
    """The placeholders that a text of the kind may have."""
    return TEMPLATES[kind].placeholders | {"organization", "name"}


def needed(kind: str) -> frozenset[str]:
    """The placeholders that a text of the kind must have: its link, where that is what it is for."""
    return frozenset({"link"}) if TEMPLATES[kind].has_link else frozenset()


def examples(kind: str, language: str, locale: str) -> dict[str, str]:
    """An example of everything that fills a text of the kind, as it is told in a language, by its placeholder."""
    sentences = LANGUAGES.get(language, _ENGLISH).sentences
    return spoken(samples(kind), sentences, best_locale(language, locale), blocks=BLOCKS)


def composed(
    kind: str,
    facts: Mapping[str, str],
    *,
    organization: str,
    name: str,
    to: str,
    key: str,
    template: Template | None = None,
    language: str = ENGLISH_CODE,
    locale: str = "",
    unsubscribe: str = "",
    accent: str = "",
) -> Mail:
    """The mail of a kind, with its placeholders filled; by the organization's own `template`, where it has one. Dates
    and amounts stand as the language has them in the region of `locale`, the organization's. `accent` is its colour
    (`#rrggbb`), as it can be read by day. Raises KeyError for a fact that is missing."""
    words, around = template or standard(kind, language), LANGUAGES.get(language, _ENGLISH)
    written_in = language if words != TEMPLATES[kind] else ENGLISH_CODE
    told = spoken(facts, around.sentences, best_locale(written_in, locale or written_in), blocks=BLOCKS)
    filling = {"organization": organization, "name": name, "manage": "", **told}
    subject = subject_of(words.subject, filling)
    parts = paragraphs(words.text, filling, blocks=BLOCKS)
    declinable = unsubscribe if KINDS[kind].topic else ""
    text = plain(parts)
    if declinable:
        text += f"\n{around.decline}: {declinable}\n"
    html = drawn(
        parts,
        subject=subject,
        organization=organization,
        language=written_in,
        accent=accent or ACCENT,
        button=words.button or standard(kind, language).button or around.button,
        unsubscribe=(around.decline, declinable) if declinable else None,
    )
    return Mail(to, subject, text, key, html, declinable)
