"""The addresses of the console and of the portal, each in as many ways as it can be asked for."""

import random
import re
from collections.abc import Iterator
from html import unescape
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver

from benchmarks.cloning import copied
from benchmarks.club import STAFF, Club

WAYS = 20  # in which a page is asked for
_ID = re.compile(r"<\w+:(\w+)>")
_LINK = re.compile(r'href="(\?[^"]*|/[^"?]*\?[^"]*)"')
_OPTION = re.compile(r'<option value="([^"]+)"')
_SELECT = re.compile(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
#: What people type: a letter, parts of names, a name that one has, an e-mail address, numbers, nothing that is there.
TERMS = ("a", "an", "abara", "lena", "amara abara", "grace okafor1234", "77amara", "@example.org", "77", "#4711",
         "81234", "120.00", "zzzz", "~99", "renewals")  # fmt: skip
_WORDS = {"kind": "receipt", "verb": "pause", "number": "1", "year": "2026", "name": "billing.slot"}
_TABLES = {
    "party_id": "people_party", "invoice_id": "invoicing_invoice", "payment_id": "payments_payment",
    "attempt_id": "payments_attempt", "case_id": "dunning_case", "run_id": "membership_billingrun",
    "batch_id": "ledger_batch", "message_id": "timeline_message", "unit_id": "people_unit",
}  # fmt: skip
_SHARED = ("run_id", "batch_id")


class Walk:
    """Whatever a page can be asked for with, of one club."""

    def __init__(self, club: Club, copies: int) -> None:
        self.club, self.copies = club, copies
        self.home = f"/o/{club.desk.organization.slug}/"
        self._random = random.Random(copies)  # noqa: S311 - which ids are asked for is no secret
        self._ids = {name: self._some(table, largest=name in _SHARED) for name, table in _TABLES.items()}

    def _some(self, table: str, *, largest: bool = False) -> list[object]:
        """Ids of the first, the last, and others between; of runs and batches the largest too."""
        own = [self.club.desk.organization.id]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {table} WHERE organization_id = %s ORDER BY id", own)
            every = [id_ for (id_,) in cursor.fetchall()]
            some = [every[0], every[-1], *self._random.sample(every, min(WAYS, len(every)))]
            if largest:
                by = {"ledger_batch": ("ledger_journal", "batch_id")}.get(
                    table, ("membership_runitem", "run_id")
                )
                cursor.execute(
                    f"SELECT {by[1]} FROM {by[0]} WHERE organization_id = %s GROUP BY 1"
                    " ORDER BY count(*) DESC LIMIT 5",
                    own,
                )
                some = [id_ for (id_,) in cursor.fetchall()] + some
        return some

    def console(self) -> Iterator[tuple[str, list[str]]]:
        """Each route below an organization's own address, with the addresses to begin with."""
        from paidthru.faces.console.urls import urlpatterns

        for one in urlpatterns:
            for pattern in one.url_patterns if isinstance(one, URLResolver) else ():
                assert isinstance(pattern, URLPattern)
                route = str(pattern.pattern)
                yield route, [self.home + path for path in self._filled(route)]

    def _filled(self, route: str) -> list[str]:
        if "<" not in route:
            return [route]
        names = _ID.findall(route)
        paths = [self._with(route, {})]
        for n in range(1, WAYS):
            ids: dict[str, object] = {}
            if len(names) == 1 and n % 2 and names[0] in self._ids:
                ids = {names[0]: self._ids[names[0]][(n // 2) % len(self._ids[names[0]])]}
            else:
                k = 1 + n * max(1, (self.copies - 1) // WAYS)
                ids = {name: copied(id_, k) for name, id_ in self.club.copied.items()}
            paths.append(self._with(route, ids))
        return list(dict.fromkeys(paths))

    def _with(self, route: str, ids: dict[str, object]) -> str:
        known = {**self.club.shown, **ids}
        if re.match(r"invoices/<uuid:invoice_id>/(edit|issue|discard)/", route):
            known["invoice_id"] = known["draft_id"]
        return _ID.sub(lambda it: str(known.get(it[1]) or _WORDS.get(it[1]) or "nothing"), route)

    def portal(self) -> Iterator[tuple[str, list[str]]]:
        """The pages that are opened by a secret link, and those of everybody."""
        from paidthru.actions.make_link import make_link
        from paidthru.actions.make_pay_link import make_pay_link
        from paidthru.faces.portal.urls import urlpatterns
        from paidthru.giving.queries import gift_token
        from paidthru.invoicing.models import Invoice
        from paidthru.invoicing.queries import pay_token
        from paidthru.membership.models import JoinLink
        from paidthru.ticketing.queries import order_token

        at = self.club.desk
        organization, now = at.organization, at.clock.now()
        members = [self.club.copied["party_id"], *self._ids["party_id"]][: WAYS // 2]
        links = [make_link(organization, id_, purpose="member", actor=STAFF, now=now)[1] for id_ in members]  # type: ignore[arg-type]
        owed = Invoice.objects.filter(organization=organization, state="sent", balance_minor__gt=0)
        pays = [
            pay_token(make_pay_link(organization, one.id, actor=STAFF, now=now).id)
            for one in owed.order_by("-number")[: WAYS // 2]
        ]
        gifts, orders = self._some("giving_gift"), self._some("ticketing_ticketorder")
        known = {
            "m/": links,
            "pay/": pays,
            "gift/": [gift_token(one) for one in gifts[:5]],  # type: ignore[arg-type]
            "tickets/of/": [order_token(one) for one in orders[:5]],  # type: ignore[arg-type]
            "join/": list(JoinLink.objects.values_list("token", flat=True)[:3]),
        }
        from paidthru.giving.models import Campaign

        ids: dict[str, object] = {
            "slug": organization.slug, "campaign": Campaign.objects.filter(organization=organization)[0].slug,
        }  # fmt: skip
        for pattern in urlpatterns:
            route = str(pattern.pattern)
            begun = [one for one in known if route.startswith(f"{one}<str:token>")]
            starts = max(begun, key=len) if begun else None
            if starts is None and "token" in route:
                continue  # mails, calendars and steps of signing up, which need more than a link
            tokens = known[starts] if starts else [""]
            paths = ["/" + self._with(route.replace("<str:token>", token), ids) for token in tokens]
            if paths and "nothing" not in paths[0]:
                yield route, paths


def ways(client: Client, paths: list[str]) -> tuple[list[str], list[str]]:
    """The addresses to be asked for, `WAYS` of them if the page has as many: its tabs, filters, orders and pages, found
    by reading it; and those of its exports."""
    found, exports = dict.fromkeys(paths), dict[str, None]()
    for path in paths[:2]:
        for link in _read(client, path, found):
            (exports if "export=" in link else found)[link] = None
    onward = [one for one in found if "after=" in one][:1] + [one for one in found if "sort=" in one][:3]
    for (
        link
    ) in onward:  # the middle of the list, and the end: the first page of the opposite order, and its next
        for further in _read(client, link, found):
            if "after=" in further or "before=" in further:
                found[further] = None
    return list(islice(cycle(found), WAYS)) if len(found) < WAYS else _spread(list(found)), list(exports)


def _spread(every: list[str]) -> list[str]:
    return [every[n * len(every) // WAYS] for n in range(WAYS)]


def _read(client: Client, path: str, known: Any) -> Iterator[str]:
    answer = client.get(path)
    if answer.status_code != 200 or answer.streaming or "html" not in answer["Content-Type"]:
        return
    html, base = answer.content.decode(), path.split("?")[0]
    main = html.split("<main", 1)[-1]
    for link in _LINK.findall(main):
        full = urljoin(path, unescape(link))
        if full.split("?")[0] == base and full not in known:
            yield full
    if "?" in path:
        return
    for name, options in _SELECT.findall(main):
        if name not in ("organization", "slug"):
            for value in _OPTION.findall(options)[:4]:
                yield f"{base}?{urlencode({name: unescape(value)})}"
    if 'name="q"' in main:
        for term in TERMS:
            yield f"{base}?q={quote(term)}"
