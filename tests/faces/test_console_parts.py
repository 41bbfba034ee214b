"""The console's parts: formats, tables, and each page rendered from plain data."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.template.loader import render_to_string

from paidthru.faces.console import formats, pages, parts
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Choice,
    Column,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Tab,
    Table,
    Text,
)
from paidthru.faces.console.shell import Shell, TimeBar, navigation
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period

CONSOLE = Path(parts.__file__).parent
HOSTILE = '<script>alert("x")</script>'
NOW = datetime(2026, 3, 2, 14, 14, tzinfo=UTC)
EMPTY = EmptyState("Nothing yet", "It appears here.", Action("Begin", "/begin"))
SHELL = Shell(
    "Maple & Birch",
    (Link("Other", "/other"),),
    navigation=navigation(lambda key: f"/{key}", "review", {"review": 1204}, {"members": "Residents"}),
    user="treasurer@maple.example",
    sign_out_url="/out",
    zone="America/New_York",
    locale="en-us",
    timebar=TimeBar(date(2026, 3, 2), "/time", date(2026, 3, 15), "/here"),
)

VOID = {"meta", "link", "input", "br", "img", "hr", "path"}


class Outline(HTMLParser):
    """Checks that tags nest, and collects what the tests ask about."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.styles: list[str] = []
        self.labels: set[str] = set()
        self.fields: dict[str, str] = {}
        self.inline_scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if known.get("id"):
            self.ids.append(str(known["id"]))
        if "style" in known or tag == "style":
            self.styles.append(tag)
        self.inline_scripts += (tag == "script" and "src" not in known) + sum(
            n.startswith("on") for n in known
        )
        if tag == "label":
            self.labels.add(str(known.get("for")))
        if tag in {"input", "select", "textarea"} and known.get("type") != "hidden":
            self.fields[str(known.get("id"))] = tag

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open, f"</{tag}> closes nothing"
            assert self.open.pop() == tag


def rendered(page: object, **extra: object) -> str:
    template: str = page.template  # type: ignore[attr-defined]
    html = render_to_string(template, {"shell": SHELL, "page": page, **extra})
    outline = Outline()
    outline.feed(html)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids)), "an id stands twice"
    assert outline.styles == [], "the content security policy refuses inline styles"
    assert outline.inline_scripts == 0
    assert html.count("<h1") == 1
    unlabelled = set(outline.fields) - outline.labels
    assert unlabelled == set()
    assert "<script>alert" not in html
    return html


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


COLUMNS = (
    Column("name", "Member", sort_key="name"),
    Column("status", "Status", "badge"),
    Column("paid", "Paid through", "date"),
    Column("balance", "Balance", "money", sort_key="balance"),
)


def members(**changes: object) -> ListPage:
    known: dict[str, object] = {
        "title": "Members",
        "columns": COLUMNS,
        "rows": (
            Row(
                (Text("Ann " + HOSTILE, "ann@example.org"), Badge("Active"), NOW, Money(-350, "USD")), "/m/1"
            ),
            Row((Text("W" * 4000), Badge("Past due", "bad"), date(2026, 12, 31), None), "/m/2", tone="bad"),
        ),
        "empty": EMPTY,
        "filters": (
            Filter("q", "Name", "search"),
            Filter("status", "Status", "choice", "", (Choice("", "Any"), Choice("active", "Active"))),
            Filter("from", "From", "date"),
        ),
        "noun": ("member", "members"),
    }
    return ListPage(**{**known, **changes})  # type: ignore[arg-type]


# ---------------------------------------------------------------- formats


@pytest.mark.parametrize(
    ("amount", "locale", "text"),
    [
        (Money(125000, "USD"), "en-us", "$1,250.00"),
        (Money(-350, "USD"), "en", "−$3.50"),
        (Money(125000, "EUR"), "de", "1.250,00\N{NO-BREAK SPACE}€"),
        (Money(98000, "JPY"), "en", "¥98,000"),
        (Money(12345678, "KWD"), "en", "KWD\N{NO-BREAK SPACE}12,345.678"),
        # Babel would leave out the decimals that ISO 4217 gives these two
        (Money(123456, "HUF"), "en", "HUF\N{NO-BREAK SPACE}1,234.56"),
        (Money(123456, "IDR"), "en", "IDR\N{NO-BREAK SPACE}1,234.56"),
        (Money(2**63 - 1, "USD"), "en", "$92,233,720,368,547,758.07"),
        (Money(100, "USD"), "zz", "$1.00"),
    ],
)
def test_money_has_the_decimals_of_iso_4217(amount: Money, locale: str, text: str) -> None:
    assert formats.money_text(amount, locale) == text


def test_days_instants_and_periods_are_the_readers() -> None:
    assert formats.day_text(date(2026, 3, 1), "en") == "Mar 1, 2026"
    assert formats.day_text(date(2026, 3, 1), "de") == "01.03.2026"
    assert formats.day_text(date(2026, 3, 2), "en", "full") == "Monday, March 2, 2026"
    shown = formats.instant_text(datetime(2026, 3, 2, 3, 30, tzinfo=UTC), "America/New_York", "en")
    assert shown.startswith("Mar 1, 2026, 10:30")  # still the evening before, in the organization's zone
    period = Period(date(2026, 1, 1), date(2027, 1, 1))
    assert formats.period_text(period, "en").replace("\N{THIN SPACE}", " ") == "Jan 1 – Dec 31, 2026"


# ---------------------------------------------------------------- tables and lists


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells for 4 columns"):
        Table(COLUMNS, (Row(("a", "b")),))


def test_sort_links_turn_round_and_keep_the_filters_but_not_the_place() -> None:
    table = Table(COLUMNS, (), query=(("q", "a b"), ("after", "x"), ("sort", "name")), sort="name")
    name, status, _, balance = table.headers
    assert (name.href, name.aria_sort) == ("?q=a+b&sort=-name", "ascending")
    assert (status.href, status.aria_sort) == ("", "")
    assert (balance.href, balance.aria_sort) == ("?q=a+b&sort=balance", "")


def test_a_list_shows_amounts_dates_and_states_and_escapes_names() -> None:
    page = members(
        total=10000,
        next_url="?after=x",
        export_url="?format=csv",
        tabs=(Tab("All", "?", 10000, True),),
        actions=(
            Action("Add", "/add", "primary"),
            Action("Undo", "/undo", method="post", fields=(("a", "b"),)),
        ),
        foot=Row(("Total", None, None, Money(0, "USD"))),
        query=(("tab", "all"),),
    )
    html = rendered(page)
    text = words(html)
    assert "10,000 members" in text
    assert "−$3.50" in text
    assert "Mar 2, 2026, 9:14" in text
    assert "Dec 31, 2026" in text
    assert '<a href="/m/1" data-row-link>' in html
    assert 'name="tab" value="all"' in html  # filtering stays on the tab
    assert 'href="?after=x"' in html
    assert 'rel="prev"' not in html
    assert 'href="?format=csv"' in html
    assert len(re.findall(r"W{50,}", html)) == 1
    assert "W" * 100 not in html  # a name of 4,000 characters does not push the table away


def test_an_empty_list_teaches_and_a_narrow_one_offers_to_widen() -> None:
    assert "It appears here." in rendered(members(rows=()))
    narrowed = members(
        rows=(), filters=(Filter("q", "Name", "search", "zz"),), query=(("q", "zz"), ("tab", "all"))
    )
    html = rendered(narrowed)
    assert "No member matches" in words(html)
    assert 'href="?tab=all"' in html


def test_a_heading_row_spans_the_table() -> None:
    html = rendered(members(rows=(Row(heading="J-1042"), *members().rows)))
    assert 'colspan="4"' in html


# ---------------------------------------------------------------- the other pages


def test_the_shell_names_the_place_and_the_waiting_work() -> None:
    html = rendered(members())
    assert "Residents" in html
    assert re.search(r'href="/review"\s+aria-current="page"', html)
    assert "1,204" in html
    assert "Maple &amp; Birch" in html
    assert "Monday, March 2, 2026" in html
    assert 'name="next" value="/here"' in html


def test_a_record_has_facts_sections_and_a_timeline() -> None:
    table = Table((Column("term", "Term"),), (Row((Period(date(2026, 1, 1), date(2027, 1, 1)),)),), "Terms")
    page = pages.RecordPage(
        "Ann " + HOSTILE,
        "Member",
        "103322",
        (parts.badge_of("past_due"),),
        (Fact("Paid through", date(2026, 3, 31)), Fact("Autopay", True), Fact("Notes", None)),
        (Figure("Balance", Money(12000, "USD"), "1 invoice overdue", "bad"),),
        (Action("Cancel", "/cancel", "danger", ask=True),),
        (pages.Section("terms", "Terms", table), pages.Section("payments", "Payments", Table((), ()))),
        (pages.Moment(NOW, "Office", "Plan changed.", "She asked.", href="/e"),),
        pages.problem_of(Refused("charge_declined", "Declined.", fix="Ask for another card.")),
        printable=True,
        sign_off=("Reviewed by",),
    )
    text = words(html := rendered(page))
    for part in (
        "Past due",
        "Mar 31, 2026",
        "$120.00",
        "Dec 31, 2026",
        "Plan changed.",
        "She asked.",
        "Reviewed by",
    ):
        assert part in text
    assert "Ask for another card." in text
    assert "data-ask" in html


def test_proposals_show_amount_and_derivation_or_the_reason_and_carry_the_digest() -> None:
    page = pages.ProposalPage(
        "Renewals",
        (
            pages.Proposal(
                Link("Ann", "/m/1", "103322"),
                "Regular",
                Period(date(2026, 4, 1), date(2027, 4, 1)),
                Money(9000, "USD"),
                "9 of 12 months.",
                (pages.Step("Price", Money(12000, "USD")), pages.Step("Billed", Money(9000, "USD"))),
            ),
            pages.Proposal(Text("Ben"), skip="Already renewed.", way_out=Link("See the run", "/r")),
        ),
        EMPTY,
        (Figure("To bill", 412),),
        (pages.SkipCount("Already renewed", 21, "?skip=renewed"),),
        pages.Confirm("/commit", "Bill 412 members", ("Bills 412 members.",), "sha256:abc", "/back"),
        pages.Drift(
            "One thing differs.", (pages.Change(Text("Ann"), Money(1, "USD"), None, "Resigned."),), 12
        ),
        total=2,
    )
    text = words(html := rendered(page))
    assert '<input type="hidden" name="digest" value="sha256:abc">' in html
    assert 'action="/commit"' in html
    for part in (
        "Mar 31, 2027",
        "$90.00",
        "$120.00",
        "9 of 12 months.",
        "Already renewed.",
        "Bills 412 members.",
    ):
        assert part in text
    assert "These are 1 of 12 changes." in text


@pytest.mark.parametrize("state", ["waiting", "running", "done", "failed"])
def test_progress_is_asked_for_only_while_it_runs(state: str) -> None:
    page = pages.ProgressPage(
        "Run",
        "Billing",
        9999,
        10000,
        "/poll",
        state,  # type: ignore[arg-type]
        result=Link("Open", "/outcome"),
        problem=pages.Problem("It stopped"),
    )
    html = rendered(page)
    live = state in {"waiting", "running"}
    assert ('hx-get="/poll"' in html) == live
    assert ("http-equiv" in html) == live
    assert ("/outcome" in html) == (state == "done")
    assert ("It stopped" in html) == (state == "failed")
    assert f'value="{100 if state == "done" else 99}"' in html


def test_progress_without_a_total_has_no_per_cent() -> None:
    page = pages.ProgressPage("Import", "Importing", 1200, None, "/poll")
    assert page.percent is None
    assert "1,200 members so far" in words(rendered(page))


class RunForm(forms.Form):
    name = forms.CharField(help_text="Unique.")
    on = forms.DateField(label="Effective date")
    kinds = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, choices=[("r", "Regular")]
    )
    autopay = forms.BooleanField(required=False)


def test_a_form_names_its_faults_by_field() -> None:
    html = rendered(pages.FormPage("Generate", RunForm({"name": "x", "on": "31/31/2026"}), aside=("Help.",)))
    assert '<a href="#id_on">Effective date</a>' in html
    assert 'id="id_on_error"' in html
    assert re.search(r'aria-describedby="[^"]*id_on_error', html)
    assert 'aria-describedby="id_name_helptext"' in html


def test_confirm_error_and_sign_in() -> None:
    confirm = pages.Confirm("/post", "Post", ("Writes 412 journals.",), "abc", "/back", fields=(("n", "1"),))
    html = rendered(pages.ConfirmPage("Post the batch?", confirm))
    assert "data-confirm" in html
    assert 'name="digest" value="abc"' in html
    refused = Refused("run_name_taken", "There is a run 2026.", "name", value="2026", fix="Choose another.")
    text = words(rendered(pages.problem_of(refused, "Not possible")))
    for part in ("There is a run 2026.", "Choose another.", "run_name_taken", "Field name", "Value 2026"):
        assert part in text
    html = rendered(pages.SignInPage(RunForm(), "/next", (Fact("E-mail", "a@b.example"),)))
    assert 'name="next" value="/next"' in html


def test_import_mapping_selects_the_guess_and_the_report_lists_every_fault() -> None:
    choices = (Choice("", "Leave out"), Choice("email", "E-mail"))
    mapping = pages.ImportMappingPage(
        "Import",
        "/check",
        (pages.MappedColumn("c0", HOSTILE, ("a", "b"), choices, "email", "Twice."),),
        (pages.MappedValue("v0", "Gold", 5, choices),),
        options=(Filter("dates", "Dates", "choice", "email", choices),),
        fields=(("file", "x"),),
    )
    html = rendered(mapping)
    assert re.search(r'<option value="email"\s+selected>', html)
    assert 'aria-describedby="c0-problem"' in html
    fault = pages.Fault(1044, "E-mail", "a@@b", "Not an address.", "Correct it.")
    report = pages.ImportReportPage("Check", 5020, 4938, 12, 32, 38, (fault,), 38, "/faults.csv")
    text = words(html := rendered(report))
    for part in ("5,020", "4,938", "1044", "a@@b", "Not an address.", "Correct it.", "38 faults"):
        assert part in text
    assert "/faults.csv" in html
    assert "No faults" in rendered(pages.ImportReportPage("Check", 5, 5, 0, 0, 0))


@pytest.mark.parametrize("name", ["400.html", "404.html", "403.html", "403_csrf.html", "500.html"])
def test_error_pages_need_no_context(name: str) -> None:
    html = render_to_string(name)
    assert html.count("<h1>") == 1
    assert "</html>" in html


# ---------------------------------------------------------------- icons and colours


def test_every_icon_that_is_asked_for_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="(\w+)"', (CONSOLE / "static/console/icons.svg").read_text()))
    asked = {item.icon for group in SHELL.navigation for item in group.items} | {
        "sortable",
        "ascending",
        "descending",
    }
    for template in (CONSOLE / "templates").rglob("*.html"):
        asked |= set(re.findall(r'{% icon "(\w+)" %}', template.read_text()))
    assert asked - sprite == set()


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_keep_wcag_2_2_aa(theme: int) -> None:
    """Text 4.5 to 1 (1.4.3), edges of controls, focus and marks 3 to 1 (1.4.11), on every ground in use."""
    css = (CONSOLE / "static/console/console.css").read_text()
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    token = {name: (light, dark)[theme] for name, light, dark in found}
    grounds = ("paper", "sheet", "sunk", "hover")
    text = [(ink, ground) for ink in ("ink", "ink-soft", "ink-hush", "accent", "bad") for ground in grounds]
    text += [(tone, f"{tone}-soft") for tone in ("good", "info", "warn", "bad", "sandbox")]
    text += [
        (ink, f"{tone}-soft")
        for ink in ("ink", "ink-soft", "accent")
        for tone in ("warn", "bad", "info", "good")
    ]
    text += [("accent-ink", "accent"), ("accent-ink", "accent-strong"), ("accent-strong", "accent-soft")]
    marks = [(mark, ground) for mark in ("edge", "focus", "accent") for ground in grounds]
    marks += [("focus", "accent-soft"), ("focus", "sandbox-soft"), ("edge", "sandbox-soft")]
    weak = [
        (a, b, round(_contrast(token[a], token[b]), 2))
        for a, b in text
        if _contrast(token[a], token[b]) < 4.5
    ]
    weak += [
        (a, b, round(_contrast(token[a], token[b]), 2)) for a, b in marks if _contrast(token[a], token[b]) < 3
    ]
    if _contrast("#ffffff", token["danger"]) < 4.5:
        weak.append(("#ffffff", "danger", round(_contrast("#ffffff", token["danger"]), 2)))
    assert weak == []
