"""The first steps: an installation's first organization, and what it needs until its first renewal is in the books."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from paidthru.actions.found import Founder, found
from paidthru.actions.put_away_first_steps import put_away_first_steps
from paidthru.assessments.models import Assessment
from paidthru.assessments.queries import OF_A_HOME
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting_forms import worded
from paidthru.faces.console.doorkeeper import must_wait, was_wrong
from paidthru.faces.console.entering import come_in
from paidthru.faces.console.pages import RecordPage, Section, SignInPage
from paidthru.faces.console.parts import Action, Badge, Column, Link, Row, Table
from paidthru.invoicing.models import Receivable
from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused
from paidthru.kernel.territories import locale_of_territory, territories, territory_of_zone, zones_by_name
from paidthru.kernel.texts import sign_in_address
from paidthru.ledger.models import Batch
from paidthru.membership.models import BillingRun, Fee, Membership
from paidthru.organizations.models import OrganizationBrand, Rehearsal, User
from paidthru.organizations.queries import policies_of
from paidthru.people.models import Unit
from paidthru.timeline.models import Event
from paidthru.timeline.queries import times_told

_INPUT = {"class": "input"}
PRESETS = (
    ("association", "An association: dues once a year, staff run the renewal"),
    ("community", "A gym or club: monthly, charged by itself"),
    ("coworking", "A coworking space: monthly, each on their own day, visits"),
    ("ams_nonprofit", "A nonprofit or church: members, donations, tax receipts"),
    ("ams_hoa", "A homeowner association: assessments of homes, levies"),
    ("recommended", "None of these: what we recommend"),
)
#: Of each large country the zone of most people there, from west to east.
OFTEN = (
    "America/Los_Angeles", "America/Denver", "America/Chicago", "America/New_York", "America/Toronto",
    "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Zurich", "Asia/Tokyo",
    "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip
_CODE = "setup code"  # what the doorkeeper counts wrong ones under


def _countries() -> list[tuple[str, str]]:
    """Countries by name: those that have a time zone."""
    there = {territory_of_zone(zone) for zone in zones_by_name()}
    return [(code, name) for code, name in territories() if code in there]


class BeginForm(forms.Form):
    """Who runs it, and what is run."""

    code = forms.CharField(
        label="Setup code",
        max_length=60,
        error_messages={"required": "Enter the setup code."},
        help_text="It was printed where Paidthru was started (paidthru serve), and is kept in its folder.",
        widget=forms.TextInput(attrs=_INPUT | {"autocomplete": "off"}),
    )
    organization = forms.CharField(
        label="Your organization",
        max_length=200,
        error_messages={"required": "Enter its name."},
        widget=forms.TextInput(attrs=_INPUT | {"autocomplete": "organization"}),
    )
    preset = forms.ChoiceField(
        label="What it is most like",
        choices=PRESETS,
        widget=forms.RadioSelect,
        help_text="It sets how everything is billed to begin with. Each single decision can be changed later.",
    )
    currency = forms.CharField(
        label="Currency",
        max_length=3,
        help_text="Three letters, such as USD. It stays.",
        widget=forms.TextInput(attrs=_INPUT | {"autocapitalize": "characters"}),
    )
    zone = forms.ChoiceField(
        label="Time zone",
        choices=[
            ("", "Choose one"),
            ("Often chosen", [(zone, zone) for zone in OFTEN]),
            ("All", [(zone, zone) for zone in zones_by_name() if zone not in OFTEN]),
        ],
        error_messages={"required": "Choose the time zone in which its days begin."},
        widget=forms.Select(attrs=_INPUT),
    )
    region = forms.ChoiceField(
        label="Amounts and dates as in",
        required=False,
        choices=lambda: [("", "The country of the time zone"), *_countries()],
        help_text="How they are written; 1.234,56 € in Germany. It doesn’t choose a language.",
        widget=forms.Select(attrs=_INPUT),
    )
    mode = forms.ChoiceField(
        label="To begin with",
        choices=(
            (
                "sandbox",
                "Try it: a sandbox with a clock of its own, in which no money moves and no mail leaves",
            ),
            ("live", "For real: money moves once a processor is connected, and mail goes out"),
        ),
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label="Your name",
        max_length=200,
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs=_INPUT | {"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="Your e-mail",
        max_length=254,
        help_text="You sign in with it.",
        error_messages={"required": "Enter your e-mail address.", "invalid": "Write it as ann@example.org."},
        widget=forms.EmailInput(attrs=_INPUT | {"autocomplete": "username"}),
    )
    password = forms.CharField(
        label="A password",
        help_text="12 characters or more; a few words in a row are good. None that is on lists of common ones.",
        error_messages={"required": "Choose a password."},
        widget=forms.PasswordInput(attrs=_INPUT | {"autocomplete": "new-password"}),
    )
    alone = forms.BooleanField(
        label="I am the only one who works here",
        required=False,
        help_text="Else nobody approves what they asked for themselves: a second person is needed for refunds, for the"
        " answer to an open question about money, and to open a closed month. It can be changed in Settings, and"
        " always shows.",
    )

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal at the field that it names, or above the form."""
        self.add_error(refused.field if refused.field in self.fields else None, worded(refused))


@sensitive_post_parameters("password", "code")
@never_cache
def begin(request: HttpRequest) -> HttpResponseBase:
    """The first organization and who runs it; once somebody can sign in, there is nothing here any more."""
    if User.objects.exists():
        return redirect("/")
    initial = {
        "code": request.GET.get("code", ""), "preset": "association", "currency": "USD", "mode": "sandbox",
    }  # fmt: skip
    form = BeginForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if must_wait(request, _CODE):
            form.add_error("code", "Too many wrong ones. Wait a quarter of an hour, then try again.")
            status = 429
        elif form.is_valid():
            try:
                user = _made(request, form)
            except Refused:  # the other of two presses was first
                messages.info(request, "The organization is made already. Sign in.")
                return redirect("/sign-in/")
            if user is not None:
                return come_in(request, user, "password", "/")
    page = SignInPage(form=form, title="Welcome to Paidthru", button="Begin")
    return render(request, page.template, {"page": page}, status=status)


def _made(request: HttpRequest, form: BeginForm) -> User | None:
    """Who signs in from now on; None where the form says why not. Refused: `already_founded`."""
    clean = form.cleaned_data
    if not hmac.compare_digest(clean["code"].strip().encode(), settings.SETUP_CODE().encode()):
        was_wrong(request, _CODE)
        form.add_error("code", "This is not the setup code. Look where Paidthru was started.")
        return None
    founder = Founder(clean["name"], clean["email"], clean["password"], clean["alone"])
    locale = locale_of_territory(clean["region"] or territory_of_zone(clean["zone"]))
    try:
        found(
            founder, name=clean["organization"], preset=clean["preset"], currency=clean["currency"].upper(),
            zone=clean["zone"], live=clean["mode"] == "live", now=SystemClock().now(), locale=locale,
        )  # fmt: skip
    except Refused as refused:
        if refused.code == "already_founded":
            raise
        form.refuse(refused)
        return None
    return User.objects.get(email=sign_in_address(founder.email))


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A step to the first renewal: what, what for, where; done or not."""

    name: str
    why: str
    path: str
    done: bool


def first_steps(visit: Visit) -> list[FirstStep]:
    """What an organization needs until its first renewal is in the books."""
    return list(_homes_first(visit) if visit.bills_homes else _members_first(visit))


def _members_first(visit: Visit) -> Iterator[FirstStep]:
    organization, words = visit.organization, visit.words
    priced = Fee.objects.filter(organization=organization, is_primary=True, closed=False)
    yield from _to_begin_with(visit)
    yield FirstStep(
        f"Add your {words.plans}",
        "What somebody can belong to, and what it costs. A roster brings its own along.",
        "plans/add/",
        priced.exists(),
    )
    yield FirstStep(
        f"Bring in your {words.members}",
        "From a list of your present program: it is checked first, and says what it will do.",
        "import/",
        Membership.objects.filter(organization=organization).exists(),
    )
    yield from _to_collect(visit)
    billed = BillingRun.objects.filter(organization=organization, state="done").exists()
    if policies_of(organization).word("billing.trigger") == "auto":
        yield FirstStep(
            "See the first bills",
            f"Each {words.membership} is billed by itself, on its own date; a run beforehand is possible."
            f" {words.titled('dues')} shows who is next, and for how much.",
            "dues/",
            billed,
        )
    else:
        yield FirstStep(
            "Run the first renewal",
            "Preview it, read whom it bills, how much and why; then commit it.",
            "renewals/generate/",
            billed,
        )
    yield _post(visit)


def _homes_first(visit: Visit) -> Iterator[FirstStep]:
    organization = visit.organization
    yield from _to_begin_with(visit)
    yield FirstStep(
        "Bring in the homes",
        "From a list with their shares and owners: it is checked first. Nothing is billed.",
        "homes/import/",
        Unit.objects.filter(organization=organization).exists(),
    )
    yield FirstStep(
        "Say what the homes are assessed",
        "All at once: the same for each, or a budget split by share, equally or by area, to the cent.",
        "homes/assess/",
        Assessment.objects.filter(organization=organization).exists(),
    )
    yield from _to_collect(visit)
    yield FirstStep(
        "See the first assessments billed",
        "Each is billed by itself when its period begins. A levy is split over the homes the same way.",
        "homes/",
        Receivable.objects.filter(organization=organization, kind__in=OF_A_HOME).exists(),
    )
    yield _post(visit)


def _to_begin_with(visit: Visit) -> Iterator[FirstStep]:
    billed = "homes" if visit.bills_homes else "people"
    yield FirstStep(
        "See what is decided",
        f"The preset {visit.organization.preset} decides when {billed} are billed, what happens if somebody doesn’t"
        " pay, and the rest. Change what is different with you.",
        "settings/",
        Event.objects.filter(organization=visit.organization, verb="policy_set").exists()
        or BillingRun.objects.filter(organization=visit.organization).exists(),
    )
    yield FirstStep(
        "Set your letterhead",
        "Name, address, colours and logo, for invoices, mails and the pages that members see.",
        "settings/documents/",
        OrganizationBrand.objects.filter(organization=visit.organization).exists(),
    )


def _to_collect(visit: Visit) -> Iterator[FirstStep]:
    organization = visit.organization
    if not organization.is_sandbox:
        yield FirstStep(
            "Send a test mail",
            "Bills, receipts and reminders leave from your own mail server.",
            "settings/mail/",
            Event.objects.filter(organization=organization, verb="test_mail_sent").exists(),
        )
        yield FirstStep(
            "Connect a payment processor",
            "Cards and bank debits come through it. Checks and cash need none.",
            "settings/payments/",
            visit.takes_cards,
        )
    yield FirstStep(
        "Rehearse the next months",
        "They are played in a copy, with failures: see what will be billed and collected before anything is.",
        "rehearsals/new/",
        Rehearsal.objects.filter(organization=organization).exists(),
    )


def _post(visit: Visit) -> FirstStep:
    return FirstStep(
        "Post the first batch",
        "Review what the day put into the books, then seal it.",
        "batches/",
        Batch.objects.filter(organization=visit.organization, state="posted").exists(),
    )


def ways_to_put_away(visit: Visit) -> tuple[Action, ...]:
    """The button that puts the first steps away; none for who may not, and where they are."""
    if not visit.may("rehearse") or times_told(visit.organization.id, "first_steps_put_away"):
        return ()
    return (Action("Put them away", visit.url("setup/away/"), method="post"),)


@staff_page("view")
def getting_started(visit: Visit) -> HttpResponseBase:
    """The steps, the first open one at the front."""
    steps = first_steps(visit)
    next_ = next((step for step in steps if not step.done), None)
    rows = tuple(
        Row(
            (
                Link(step.name, visit.url(step.path)),
                step.why,
                Badge("Done", "good")
                if step.done
                else Badge("Next", "info")
                if step is next_
                else Badge("Open"),
            )
        )
        for step in steps
    )
    columns = (
        Column("step", "Step", "link"),
        Column("why", "What for", "prose"),
        Column("state", "State", "badge"),
    )
    done = sum(step.done for step in steps)
    return visit.page(
        RecordPage(
            title="Getting started",
            intro="All of it is done." if next_ is None else f"{done} of {len(steps)} steps are done.",
            actions=ways_to_put_away(visit),
            sections=(Section("steps", "To your first bills in the books", Table(columns, rows, "Steps")),),
        ),
        "home",
    )


@staff_page("rehearse")
def put_away(visit: Visit) -> HttpResponseBase:
    """The first steps leave the page Today, for everybody; their own page stays."""
    if visit.request.method == "POST":
        put_away_first_steps(visit.organization, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, "The first steps are put away. They stay at Getting started.")
    return redirect(visit.url())
