"""Policy examples told: with an organization's policies as they are, and as a change would make them.

Each is told in a throw-away sandbox organization with the same preset and the same policies: its own clock, the sandbox
gateway, no mail. The organization itself is only read. Console, command line and stories change policies through
`change_policies`; an action that is asked without what comes out of here refuses (`refuse_unproven`).
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from paidthru.actions.keep_example import keep_example
from paidthru.actions.set_policy import set_policy
from paidthru.organizations.models import Organization, PolicyExample
from paidthru.organizations.operations import no_such_example, note_told
from paidthru.organizations.queries import example_texts, policies_of, templates_of
from paidthru.organizations.rules.conflicts import refuse_new
from paidthru.organizations.rules.examples import (
    Draft,
    Failing,
    Verdict,
    basis_of,
    invalid,
    newly_needed,
    own_settings,
)
from paidthru.organizations.rules.policies import Policies, Value, checked
from paidthru.timeline.operations import Actor

from .grammar import Story, StoryError, parse
from .runner import perform, unreadable
from .setup_forms import MemberSetup, OrganizationSetup

SECONDS = 60  # for all examples that are told together
MOST_MEMBERS = 30
FARTHEST_YEARS = 10


def parse_example(text: str, organization: Organization) -> Story:
    """An example's text, read as a story of the organization. Raises StoryError."""
    own = OrganizationSetup(
        line=1, text="", name=organization.name, preset=organization.preset, currency=organization.currency,
        zone=organization.zone, locale=organization.locale,
    )  # fmt: skip
    story = parse(text, "example", of=own)
    members = [line for line in story.setup if isinstance(line, MemberSetup)]
    if len(members) > MOST_MEMBERS:
        raise StoryError("example", members[-1].line, f"an example has up to {MOST_MEMBERS} members")
    if not story.blocks:
        raise StoryError(
            "example", 1, "the example has no date line; add one, with what is expected below it"
        )
    first, last = story.blocks[0], story.blocks[-1]
    if last.on.year - first.on.year > FARTHEST_YEARS:
        raise StoryError("example", last.line, f"an example tells of up to {FARTHEST_YEARS} years", last.text)
    return story


def refuse_unreadable(draft: Draft, organization: Organization) -> None:
    """Refuses a text that can't be read as an example: `example_invalid`, naming the line."""
    try:
        parse_example(draft.text, organization)
    except StoryError as wrong:
        raise invalid(wrong.line_number, wrong.message, wrong.text) from wrong


def tell(organization: Organization, policies: Policies, texts: Mapping[str, str]) -> dict[str, Failing]:
    """Tells examples (text by name) with these policies; returns those that don't hold, each with its first line that
    doesn't. The organization itself is not touched."""
    until = time.monotonic() + SECONDS
    failing: dict[str, Failing] = {}
    settings = own_settings(policies)
    for name, text in texts.items():
        try:
            story = parse_example(text, organization)
        except StoryError as wrong:
            fault = unreadable(wrong)
        else:
            faults = perform(story, settings=settings, seconds=max(0, int(until - time.monotonic()))).faults
            if not faults:
                continue
            fault = faults[0]
        failing[name] = Failing(name, fault.line, fault.text, fault.what)
    return failing


@dataclass(frozen=True, slots=True)
class Trial:
    """A change of policy as it was tried on the examples: the policies with it, the examples that are saved together
    with it, and what came of telling all of them. `taken_up` names those of `drafts` that come from the preset, for
    they speak of what is now decided."""

    policies: Policies
    drafts: tuple[Draft, ...]
    verdict: Verdict
    taken_up: tuple[str, ...] = ()


def with_changes(organization: Organization, changes: Mapping[str, Value | None]) -> Policies:
    """The organization's policies with some set and, where None, unset for the organization. Refused as `checked`, and
    `policy_conflict` for what the change brings about."""
    before = policies_of(organization)
    after = before.changed(
        {key: None if value is None else checked(key, value) for key, value in changes.items()}
    )
    refuse_new(before, after)
    return after


def try_change(
    organization: Organization, changes: Mapping[str, Value | None], drafts: Iterable[Draft] = ()
) -> Trial:
    """Tells the organization's examples, some of them changed, with policies changed. Nothing is written.

    Refused: as `with_changes`, `example_invalid`, `example_unknown`.
    """
    before, after = policies_of(organization), with_changes(organization, changes)
    kept = example_texts(organization.id)
    texts, drafts = dict(kept), list(drafts)
    for draft in drafts:
        refuse_unreadable(draft, organization)
        if draft.replaces and texts.pop(draft.replaces, None) is None:
            raise no_such_example(draft.replaces)
    texts |= {draft.title: draft.text for draft in drafts}
    failing = tell(organization, after, texts)
    mine = {draft.title for draft in drafts}
    unchanged = {name: texts[name] for name in failing if name not in mine}
    already = tell(organization, before, unchanged) if changes else failing
    taken_up = _taken_up(organization, before, after, texts)
    return Trial(
        after,
        (*drafts, *taken_up),
        Verdict(
            basis_of(after, texts | {draft.title: draft.text for draft in taken_up}),
            tuple(one for name, one in failing.items() if name not in already),
            tuple(one for name, one in failing.items() if name in already),
        ),
        tuple(draft.title for draft in taken_up),
    )


def _taken_up(
    organization: Organization, before: Policies, after: Policies, texts: Mapping[str, str]
) -> list[Draft]:
    """The preset's examples of what is decided with this change: they come into force with it, if they hold. Whoever
    keeps none gets none."""
    if not texts:
        return []
    offered = [
        one for one in newly_needed(templates_of(organization.preset), before, after) if one.name not in texts
    ]
    failing = tell(organization, after, {one.name: one.text for one in offered})
    return [one.draft for one in offered if one.name not in failing]


def change_policies(
    organization: Organization,
    changes: Mapping[str, Value | None],
    *,
    actor: Actor,
    now: datetime,
    drafts: Sequence[Draft] = (),
    on: date | None = None,
    key: str | None = None,
) -> Trial:
    """Changes policies of the organization, and with them the examples of `drafts`: all of it, or nothing; once for a
    `key`. With `on`, a later local date, the policies change then; the examples are told, and kept, now.

    Refused: as `try_change` and `set_policy`; `policy_example_broken` names the example and its line.
    """
    trial = try_change(organization, changes, drafts)
    set_policy(
        organization,
        changes,
        actor=actor,
        now=now,
        on=on,
        verdict=trial.verdict,
        examples=trial.drafts,
        key=key,
    )
    if on is None:
        note_told(organization, trial.verdict.already, now=now)
    return trial


def save_example(organization: Organization, draft: Draft, *, actor: Actor, now: datetime) -> PolicyExample:
    """Adds an example, or changes the one that it replaces, and tells it; it may be one that doesn't hold yet.

    Refused: `example_invalid` with its line, and as `keep_examples`.
    """
    refuse_unreadable(draft, organization)
    kept = keep_example(organization, draft, actor=actor, now=now)
    tell_kept(organization, now=now, name=kept.name)
    kept.refresh_from_db()
    return kept


def tell_kept(organization: Organization, *, now: datetime, name: str = "") -> tuple[Failing, ...]:
    """Tells the organization's examples as it is, all or one, and notes what came of it. Refused `example_unknown`."""
    policies, texts = policies_of(organization), example_texts(organization.id)
    if name and name not in texts:
        raise no_such_example(name)
    told = {name: texts[name]} if name else texts
    failing = tuple(tell(organization, policies, told).values())
    note_told(organization, failing, now=now, names=told)
    return failing
