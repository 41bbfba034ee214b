"""The frame around every console page: organization, navigation, sandbox time, who is signed in.

Templates read it as `shell`; a context processor or the view hands it over beside `page`. Without it (a
stranger's error page) the frame is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from paidthru.faces.console.parts import Link


@dataclass(frozen=True, slots=True)
class NavItem:
    """One page in the side navigation. `count` is work that waits there; None or 0 shows nothing."""

    label: str
    href: str
    icon: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Pages of one kind of work. A group without a label has no heading."""

    label: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class TimeBar:
    """A sandbox organization's clock. The form posts `move` = day | renewal | date (with `to`, ISO).

    `next_renewal` None hides that button. `today` is the organization's local date; `returns_to` is posted
    as `next`, so that the reader comes back to the same page. Without an `action_url` it only says what day it is.
    """

    today: date
    action_url: str
    next_renewal: date | None = None
    returns_to: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """What holds for every page until somebody ends it: a sentence, and where to read about it ("" for nowhere)."""

    text: str
    href: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """What `base.html` shows around the page.

    `organizations` are those the reader may switch to, the present one left out. `locale` is the reader's
    language code ("" = the active one), `zone` the organization's.
    `account_url` is the page of one's own sign-in. `sign_out_url` is posted to, `search_url` asked with `q`, which is
    `searched` on its own page.
    """

    organization: str = ""
    organizations: tuple[Link, ...] = ()
    home_url: str = "/"
    navigation: tuple[NavGroup, ...] = ()
    search_url: str = ""
    searched: str = ""
    user: str = ""
    account_url: str = ""
    sign_out_url: str = ""
    zone: str = "UTC"
    locale: str = ""
    version: str = ""
    timebar: TimeBar | None = None
    banner: Banner | None = None


_MAP: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "",
        (
            ("home", "Today", "home"),
            ("overview", "Overview", "scales"),
            ("members", "Members", "people"),
            ("homes", "Homes", "building"),
            ("visits", "Visits", "clock"),
            ("events", "Events", "people"),
            ("plans", "Plans", "stack"),
            ("import", "Import", "upload"),
        ),
    ),
    (
        "Renewals",
        (
            ("dues", "Dues", "coins"),
            ("levies", "Levies", "stack"),
            ("generate", "Generate", "renew"),
            ("logs", "Logs", "log"),
            ("review", "Review", "review"),
            ("submit", "Submit", "send"),
            ("retrieve", "Retrieve", "inbox"),
            ("pending", "Pending", "warn"),
            ("failures", "Payment failures", "warn"),
        ),
    ),
    (
        "Money",
        (
            ("campaigns", "Campaigns", "people"),
            ("donations", "Donations", "coins"),
            ("invoices", "Invoices", "log"),
            ("payments", "Payments", "coins"),
            ("refunds", "Refunds", "refund"),
            ("returns", "Taken back", "dispute"),
            ("ages", "Unpaid by age", "clock"),
            ("settlement", "Settlement", "bank"),
            ("batches", "Batches", "stack"),
        ),
    ),
    (
        "Books",
        (
            ("journal", "Journal", "book"),
            ("trial_balance", "Trial balance", "scales"),
            ("taxes", "Tax", "log"),
            ("exports", "Exports", "download"),
            ("closing", "Closed periods", "check"),
            ("audit", "Audit log", "review"),
        ),
    ),
    ("", (("rehearsals", "Rehearsals", "renew"), ("settings", "Settings", "settings"))),
)


def navigation(
    url: Callable[[str], str | None],
    current: str = "",
    counts: Mapping[str, int] | None = None,
    words: Mapping[str, str] | None = None,
) -> tuple[NavGroup, ...]:
    """The side navigation by work.

    `url(key)` gives the address of a page by its key in `_MAP`, or None to leave one out; `current` is the key of the
    page shown; `counts` is work that waits; `words` replaces labels by the organization's own ("Residents").
    """
    groups = []
    for label, entries in _MAP:
        items = tuple(
            NavItem((words or {}).get(key, name), href, symbol, key == current, (counts or {}).get(key))
            for key, name, symbol in entries
            if (href := url(key)) is not None
        )
        if items:
            groups.append(NavGroup((words or {}).get(label.lower(), label), items))
    return tuple(groups)
