"""Words and addresses in a roster's cells: states, yes and no, intervals, e-mail addresses, formulas."""

import re
import unicodedata
from functools import lru_cache

from paidthru.kernel.exports import FORMULA_STARTS
from paidthru.kernel.periods import Interval, Unit

_NOTHING = frozenset(
    {"", "-", "--", "–", "—", "n/a", "#n/a", "na", "n.a.", "none", "null", "nil", "(none)", "(blank)",
     "0000-00-00", "00/00/0000", "00.00.0000", "0000-00-00 00:00:00", "keine", "aucun", "ninguno"}
)  # fmt: skip
_NEVER = frozenset(
    {"never", "lifetime", "life", "forever", "unlimited", "indefinite", "permanent", "no expiry",
     "no expiration", "does not expire", "never expires", "nie", "unbegrenzt", "lebenslang", "jamais",
     "a vie", "nunca", "vitalicio", "9999-12-31", "31/12/9999", "12/31/9999", "31.12.9999"}
)  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_REMEMBERED_CHARS = 120
_PLAIN = re.compile(r"[^a-z0-9]+")


def fold(text: str) -> str:
    """Lower case without accents, so that words compare across languages and keyboards."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def plain_words(text: str) -> str:
    """Folded words with single spaces and nothing else: `E-Mail_Address (UTC)` is `e mail address utc`."""
    return _PLAIN.sub(" ", fold(text)).strip()


def word_key(text: str) -> str:
    """How the names of plans compare: without case, accents and spare spaces. `Gold` is not `Gold+`."""
    return _word_key(text) if len(text) <= _REMEMBERED_CHARS else text


# Columns of words repeat a few of them, so they are remembered; long texts are not words.
@lru_cache(maxsize=4096)
def _word_key(text: str) -> str:
    return " ".join(fold(text).split())


@lru_cache(maxsize=4096)
def _status_key(text: str) -> str:
    return plain_words(text)


_STATUS_WORDS = {
    "active": (
        "active|current|paid|ok|good|good standing|in good standing|valid|enrolled|member|complimentary|"
        "comp|aktiv|gultig|mitglied|bezahlt|actif|active|a jour|valide|adherent|activo|activa|al dia|"
        "vigente|alta|attivo|actief|future|renewed|confirmed"
    ),
    "trial": "trial|trialing|in trial|trialling|probe|essai|prueba",
    "pending": (
        "pending|pending new|new|applied|applicant|awaiting payment|awaiting approval|incomplete|"
        "unconfirmed|on hold pending|in process|pending upgrade|pending level change|beantragt|ausstehend|"
        "offen|neu|en attente|pendiente|in attesa|in afwachting|prospect"
    ),
    "overdue": (
        "overdue|past due|pastdue|unpaid|delinquent|in arrears|arrears|grace|grace period|in grace|late|"
        "due|pending renewal|renewal overdue|uberfallig|in verzug|saumig|en retard|impaye|moroso|atrasado|"
        "vencida|in ritardo|achterstallig|not paid"
    ),
    "lapsed": (
        "lapsed|expired|inactive|former|past|ended|non member|nonmember|not active|dropped|non renewed|"
        "inaktiv|abgelaufen|ehemalig|ehemaliges mitglied|expire|expiree|inactif|ancien|ancien membre|"
        "inactivo|caducado|vencido|expirado|scaduto|inattivo|verlopen|inactief|incomplete expired|expirer"
    ),
    "canceled": (
        "canceled|cancelled|cancellation|terminated|resigned|withdrawn|quit|closed|revoked|expelled|"
        "deceased|archived|gekundigt|ausgetreten|storniert|verstorben|ausgeschlossen|resilie|annule|"
        "demissionnaire|radie|decede|cancelado|cancelada|baja|de baja|dado de baja|anulado|fallecido|"
        "disdetto|cessato|annullato|opgezegd|geannuleerd"
    ),
    "suspended": (
        "suspended|paused|on hold|hold|frozen|stopped|disabled|blocked|ruhend|gesperrt|pausiert|suspendu|"
        "en pause|suspendido|pausado|congelado|sospeso|gepauzeerd|opgeschort"
    ),
    "ending": (
        "non renewing|not renewing|will not renew|canceling|cancelling|cancels at period end|ending|"
        "auslaufend|gekundigt zum ende"
    ),
}
STATUSES = tuple(_STATUS_WORDS)
"""The states that a roster's word can stand for."""
_STATUS_OF = {word: status for status, words in _STATUS_WORDS.items() for word in words.split("|")}
_YES = _words(
    "yes y true t 1 on x enabled automatic auto active ja wahr aktiv oui o vrai actif si s verdadero sim "
    "recurring autopay checked"
)
_NO = _words(
    "no n false f 0 off disabled manual inactive none nein falsch inaktiv non faux inactif not never "
    "nee unchecked"
)
_UNITS = {
    Unit.DAY: "day days daily tag tage taglich jour jours dia dias giorno giorni dag dagen",
    Unit.WEEK: (
        "week weeks weekly wk woche wochen wochentlich semaine semaines hebdomadaire semana semanas "
        "semanal settimana settimanale wekelijks weken"
    ),
    Unit.MONTH: (
        "month months monthly mo mth mths monat monate monaten monatlich mois mensuel mensuelle "
        "mensuellement mes meses mensual mese mesi mensile maand maanden maandelijks"
    ),
    Unit.QUARTER: (
        "quarter quarters quarterly quartal vierteljahr vierteljahrlich quartalsweise trimestre "
        "trimestriel trimestrielle trimestral trimestrale kwartaal"
    ),
    Unit.YEAR: (
        "year years yearly annual annually yr yrs per annum pa annum jahr jahre jahrlich jahresbeitrag an "
        "ans annee annuel annuelle ano anos anual anno annuale jaar jaarlijks"
    ),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_HALF_YEAR, _TWO_MONTHS = Interval(6, Unit.MONTH), Interval(2, Unit.MONTH)
_SPECIAL_INTERVALS = {
    **dict.fromkeys(
        ("semi annual", "semiannual", "semi annually", "semiannually", "half yearly"), _HALF_YEAR
    ),
    **dict.fromkeys(("halbjahrlich", "semestriel", "semestral", "biannual"), _HALF_YEAR),
    **dict.fromkeys(("biennial", "biennially"), Interval(2, Unit.YEAR)),
    **dict.fromkeys(("bi monthly", "bimestral"), _TWO_MONTHS),
    "triennial": Interval(3, Unit.YEAR),
    "fortnightly": Interval(2, Unit.WEEK),
}
_INTERVAL = re.compile(
    r"(?:every |per |alle |tous les |toutes les |cada |each |all )?(?:(\d{1,3}) )?([a-z]+)$"
)
_ORGANIZATIONS = _words(
    "organization organisation company business corporate corporation firm institution institutional "
    "agency firma unternehmen verein societe entreprise association empresa organizacion entidad azienda "
    "bedrijf organisatie nonprofit church school"
)


def is_nothing(text: str) -> bool:
    """Whether a cell only says that there is nothing: blank, `-`, `n/a`, `0000-00-00`."""
    return not text or (len(text) < 20 and text.strip().lower() in _NOTHING)


def is_never(text: str) -> bool:
    """Whether a cell in place of an end says that there is none: `never`, `lifetime`, the year 9999."""
    return len(text) < 40 and fold(text.strip()) in _NEVER


def status_of(text: str) -> str | None:
    """One of `STATUSES`, or None for a word that nobody taught us."""
    return _STATUS_OF.get(_status_key(text)) if len(text) <= _REMEMBERED_CHARS else None


def yes_or_no(text: str) -> bool | None:
    """What a tick, a yes or a no in one of several languages says, or None."""
    word = plain_words(text[:20]) or ("x" if text.strip() in ("✓", "✔", "☑") else "")
    return True if word in _YES else False if word in _NO else None


def interval_of(text: str) -> Interval | None:
    """`monthly`, `12 months`, `every 3 months`, `jährlich` as an interval, or None."""
    words = plain_words(text[:60])
    if words in _SPECIAL_INTERVALS:
        return _SPECIAL_INTERVALS[words]
    found = _INTERVAL.match(words)
    unit = _UNIT_OF.get(found[2]) if found else None
    if not found or unit is None or found[1] == "0":
        return None
    count = int(found[1] or 1)
    return Interval(count, unit) if count else None


def is_organization_word(text: str) -> bool:
    """Whether a customer type such as `Company` means an organization."""
    return any(word in _ORGANIZATIONS for word in plain_words(text[:60]).split())


def starts_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula."""
    return text[:1] in FORMULA_STARTS and bool(text)
