"""Settings, Mail: the words of each kind of mail, how it looks, and addresses that are refused (A-52)."""

from collections.abc import Mapping
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.retry_mail import trust_address
from paidthru.actions.send_test_mail import send_test_mail
from paidthru.actions.write_template import write_template
from paidthru.dunning.queries import open_counts
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import new_key, told
from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.listing import query_of, text_in
from paidthru.faces.console.mail_pages import framed
from paidthru.faces.console.pages import FormPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Choice,
    Column,
    EmptyState,
    Fact,
    Filter,
    Link,
    Row,
    Table,
    Text,
)
from paidthru.kernel.errors import Refused
from paidthru.notices.models import TemplateText
from paidthru.notices.queries import newest_texts, refused_addresses, versions, words_at
from paidthru.notices.rules.catalogue import LANGUAGES, Mail, allowed, composed, examples, language_of
from paidthru.notices.rules.kinds import KINDS, PLACEHOLDERS, TOPICS, Kind, samples
from paidthru.notices.rules.rendering import BODY_MOST, SUBJECT_MOST
from paidthru.organizations.queries import accent_of
from paidthru.wiring import enqueue_work, mail_carrier

_MOST_REFUSED = 50


@staff_page("view")
def overview(visit: Visit) -> HttpResponseBase:
    """Every kind of mail with whose words it has, and the addresses to which none goes."""
    own = newest_texts(visit.organization.id, _language(visit))
    rows = tuple(
        Row(
            (Text(one.title, f"When {one.when}."), _whose(own.get(kind)), _declinable(one)),
            _at(visit, kind),
        )
        for kind, one in KINDS.items()
    )
    columns = (
        Column("mail", "Mail", "prose"),
        Column("words", "Text", "badge"),
        Column("wish", "Can be declined"),
    )
    refused = refused_addresses(visit.organization.id, limit=_MOST_REFUSED)
    refused_columns = (
        Column("email", "Address", "prose"),
        Column("at", "Since", "date"),
        Column("why", "What the server said", "prose"),
    )
    facts = (
        Fact("Language", f"{_language_name(_language(visit))}{_whom(visit)}"),
        Fact(
            "Sent by",
            "Nobody: a sandbox keeps its mails" if visit.organization.is_sandbox else mail_carrier(),
        ),
    )
    return visit.page(
        RecordPage(
            title="Mail",
            intro="What members are told, and in which words. Everybody is written to in their own language where it is"
            " one of these. Who declines what can be declined gets none of it.",
            facts=facts,
            filters=_languages(visit),
            query=query_of(visit.request),
            actions=(Action("All mails", visit.url("mails/")),),
            sections=(
                Section("kinds", "Kinds of mail", Table(columns, rows, "Kinds of mail")),
                Section(
                    "refused",
                    "Addresses that are refused",
                    Table(
                        refused_columns,
                        tuple(Row((one.email, one.at, one.why)) for one in refused),
                        "Addresses that are refused",
                        empty=EmptyState(
                            "None.", "An address that a mail server refuses for good is kept here."
                        ),
                    ),
                ),
            ),
            crumbs=(Link("Settings", visit.url("settings/")),),
        ),
        "settings",
    )


@staff_page("view")
def kind_page(visit: Visit, kind: str) -> HttpResponseBase:
    """A kind of mail filled with examples, what its text may hold, and its versions."""
    known, language = _known(kind), _language(visit)
    made = versions(visit.organization.id, kind, language)
    read = _example(visit, kind)
    fields = (("key", str(uuid4())),)
    actions = [Action("Send it to myself", _at(visit, kind, "test/"), method="post", fields=fields)]
    if visit.may("set_policy"):
        actions.insert(0, Action("Change the text", _at(visit, kind, "edit/"), weight="primary"))
        if made and made[0].body:
            actions.append(Action("Back to the standard text", _at(visit, kind, "standard/")))
    told = examples(kind, language, visit.organization.locale)
    holders = tuple(
        Row((f"{{{{ {name} }}}}", PLACEHOLDERS[name][0], told[name].strip() or None))
        for name in sorted(allowed(kind))
    )
    history = tuple(
        Row((str(one.number), one.made_at, one.made_by, one.subject or "The standard text")) for one in made
    )
    return visit.page(
        RecordPage(
            title=known.title,
            kind="Mail",
            badges=(_whose(made[0] if made else None),),
            intro=f"Sent when {known.when}.",
            facts=(
                Fact("Subject", read.subject),
                Fact("Can be declined", _declinable(known)),
            ),
            actions=tuple(actions),
            filters=_languages(visit),
            query=query_of(visit.request),
            sections=(
                Section("shown", "As it is shown", frame_url=_at(visit, kind, "shown/")),
                Section("text", "Text", text=read.text),
                Section(
                    "placeholders",
                    "Placeholders",
                    Table(
                        (Column("name", "Written", "code"), Column("what", "Becomes", "prose"),
                         Column("example", "For example", "prose")),
                        holders,
                        "Placeholders",
                    ),
                ),
                Section(
                    "versions",
                    "Versions",
                    Table(
                        (Column("number", "Version", "code"), Column("at", "Made", "date"), Column("by", "By"),
                         Column("subject", "Subject", "prose")),
                        history,
                        "Versions",
                        empty=EmptyState("It has its standard text.", "Each change is kept here."),
                    ),
                ),
            ),
            crumbs=_crumbs(visit),
        ),
        "settings",
    )  # fmt: skip


@staff_page("view")
def shown(visit: Visit, kind: str) -> HttpResponse:
    """The example's HTML by itself, for the frame."""
    _known(kind)
    return framed(_example(visit, kind))


class TemplateForm(ActForm):
    """The words of a kind of mail. `seen` is the version that was read; `cases` what open cases do."""

    subject = forms.CharField(
        label="Subject",
        error_messages={"required": "Write what the mail is about."},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "maxlength": SUBJECT_MOST}),
    )
    body = forms.CharField(
        label="Text",
        error_messages={"required": "Write what the mail is to say."},
        help_text="A blank line begins a paragraph. A link alone on its line becomes a button.",
        widget=forms.Textarea(attrs={"class": "input is-tall", "rows": 16, "maxlength": BODY_MOST}),
    )
    cases = forms.ChoiceField(
        label="Cases that are open now",
        choices=[
            ("keep", "Keep the text they began with"),
            ("adopt", "Go on with this and every present text"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what open cases do."},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: object, of_case: bool, open_cases: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not of_case or not open_cases:
            del self.fields["cases"]
        else:
            self.fields["cases"].help_text = f"{open_cases} open."


@staff_page("set_policy")
def edit(visit: Visit, kind: str) -> HttpResponseBase:
    """Changes the words; new mails have them, and open cases if that is chosen."""
    return _written(visit, kind, _known(kind))


@staff_page("set_policy")
def to_standard(visit: Visit, kind: str) -> HttpResponseBase:
    """Back to the standard words."""
    return _written(visit, kind, _known(kind), standard=True)


def _written(visit: Visit, kind: str, known: Kind, *, standard: bool = False) -> HttpResponseBase:
    organization, now, language = visit.organization, visit.desk.clock.now(), _language(visit)
    back = _at(visit, kind)
    made = versions(organization.id, kind, language)
    words = words_at(organization.id, kind, language, now)
    initial: Mapping[str, object] = new_key() | {
        "subject": words.subject,
        "body": words.text,
        "seen": made[0].number if made else 0,
    }
    form = TemplateForm(
        visit.request.POST if visit.request.method == "POST" else None,
        of_case=known.of_case,
        open_cases=sum(open_counts(organization.id)),
        initial=initial,
    )
    if standard:
        del form.fields["subject"], form.fields["body"]
    if visit.request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            write_template(
                organization,
                kind,
                language,
                subject=given.get("subject", ""),
                body=given.get("body", ""),
                seen=given["seen"],
                adopt=given.get("cases") == "adopt",
                actor=visit.actor,
                now=now,
                key=given["key"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(
                visit.request,
                f"“{known.title}” has {'its standard' if standard else 'this'} text now"
                f" ({_language_name(language)}).",
            )
            return redirect(back)
    page = FormPage(
        title=f"Back to the standard text of “{known.title}”" if standard else f"The text of “{known.title}”",
        form=form,
        submit_label="Use the standard text" if standard else "Save the text",
        cancel_url=back,
        aside=()
        if standard
        else (
            f"Placeholders: {', '.join(_written_as(name) for name in sorted(allowed(kind)))}.",
            "Mails that were written before keep their words.",
        ),
        crumbs=(*_crumbs(visit), Link(known.title, back)),
    )
    return visit.page(page, "settings", 422 if form.errors else 200)


@staff_page("view")
def test(visit: Visit, kind: str) -> HttpResponseBase:
    """Sends the example to whoever asks; it has to be posted."""
    _known(kind)
    back = _at(visit, kind)
    if visit.request.method != "POST":
        raise Http404
    key = visit.request.POST.get("key", "").replace("\0", "")[:64] or str(uuid4())
    try:
        send_test_mail(
            visit.organization,
            kind,
            language=_language(visit),
            to=visit.user.email,
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=f"{visit.user.id} {key}",
        )
    except Refused as refused:
        return told(visit, refused, back)
    enqueue_work(visit.organization.id)
    where = "It is kept among the mails." if visit.organization.is_sandbox else "It is on its way."
    messages.success(visit.request, f"A test to {visit.user.email}. {where}")
    return redirect(back)


@staff_page("send_link")
def trust(visit: Visit) -> HttpResponseBase:
    """Mail goes again to an address that was refused; it has to be posted."""
    if visit.request.method != "POST":
        raise Http404
    email = visit.request.POST.get("email", "").replace("\0", "")[:254]
    back = visit.request.POST.get("back", "")
    trust_address(visit.organization, email, actor=visit.actor, now=visit.desk.clock.now())
    messages.success(visit.request, "Mail goes there again.")
    inside = back.startswith(visit.url()) and "//" not in back and "\\" not in back
    return redirect(back if inside else visit.url("settings/mail/"))


def _written_as(name: str) -> str:
    """A placeholder that no line break tears apart."""
    return f"{{{{\u00a0{name}\u00a0}}}}"


def _known(kind: str) -> Kind:
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]


def _example(visit: Visit, kind: str) -> Mail:
    language = _language(visit)
    facts = samples(kind) | {"organization": visit.organization.name}
    return composed(
        kind,
        facts,
        organization=visit.organization.name,
        name=facts.pop("name"),
        to=visit.user.email,
        key="example",
        template=words_at(visit.organization.id, kind, language, visit.desk.clock.now()),
        language=language,
        locale=visit.organization.locale,
        unsubscribe="https://example.org/mails/a-secret-address/",
        accent=accent_of(visit.organization.id),
    )


def _choices(visit: Visit) -> dict[str, str]:
    """The languages of mails: those with standard texts, and the organization's own."""
    own = language_of(visit.organization.locale)
    return {own: _language_name(own)} | {code: one.name for code, one in LANGUAGES.items()}


def _language(visit: Visit) -> str:
    """The language that is looked at: the one that the address names, else the organization's."""
    asked = text_in(visit.request, "language")
    return asked if asked in _choices(visit) else language_of(visit.organization.locale)


def _languages(visit: Visit) -> tuple[Filter, ...]:
    choices = tuple(Choice(code, name) for code, name in _choices(visit).items())
    return (Filter("language", "Language", "choice", _language(visit), choices, always=True),)


def _whom(visit: Visit) -> str:
    own = _language(visit) == language_of(visit.organization.locale)
    return ": whoever has no other language at their address" if own else ": who has it at their address"


def _at(visit: Visit, kind: str, act: str = "") -> str:
    """Where a kind's text is read or changed, in the language that is looked at."""
    here, language = visit.url(f"settings/mail/{kind}/{act}"), _language(visit)
    return here if language == language_of(visit.organization.locale) else f"{here}?language={language}"


def _language_name(code: str) -> str:
    found = LANGUAGES.get(code)
    return found.name if found else f"{code}: your own texts; the standard ones are English"


def _whose(text: TemplateText | None) -> Badge:
    return Badge("Own text", "info") if text is not None and text.body else Badge("Standard")


def _declinable(kind: Kind) -> str:
    return TOPICS.get(kind.topic, "No: it is needed")


def _crumbs(visit: Visit) -> tuple[Link, ...]:
    return (Link("Settings", visit.url("settings/")), Link("Mail", visit.url("settings/mail/")))
