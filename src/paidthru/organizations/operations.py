"""Write steps of the organizations room, inside somebody's transaction."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.text import slugify

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import exponent
from paidthru.kernel.texts import checked_email, checked_name, sign_in_address
from paidthru.organizations.models import (
    Install,
    Mark,
    Organization,
    PolicyChange,
    PolicyExample,
    PolicySetting,
    RecoveryCode,
    Series,
    SeriesGap,
    SignIn,
    StaffRole,
    Tries,
    User,
)
from paidthru.organizations.queries import database_now, example_texts, policies_of, templates_of
from paidthru.organizations.rules.browsers import browser_in_words
from paidthru.organizations.rules.conflicts import refuse_new
from paidthru.organizations.rules.examples import (
    MOST_EXAMPLES,
    PRESET,
    Draft,
    Failing,
    Verdict,
    basis_of,
    refuse_unproven,
    settings_digest,
)
from paidthru.organizations.rules.policies import PRESETS, Value, checked
from paidthru.organizations.rules.roles import ROLES
from paidthru.organizations.rules.second_factor import RECOVERY_CODES, recovery_digest, spaced
from paidthru.organizations.rules.tries import try_key


def create_organization(
    *, name: str, preset: str, currency: str, zone: str, locale: str, mode: str, now: datetime, slug: str = ""
) -> Organization:
    """A new organization.

    Refused: `preset_unknown`, `currency_unknown`, `zone_unknown`, `slug_invalid`, `slug_taken`, and as
    `checked_name`.
    """
    name = checked_name(name, field="name", most=200)
    if preset not in PRESETS:
        meant = [one for one in PRESETS if preset and preset.lower() in one]
        raise Refused(
            "preset_unknown",
            f"There is no preset “{preset}”.",
            field="preset",
            value=preset,
            fix=f"Take {meant[0]}." if len(meant) == 1 else f"Choose one of: {', '.join(PRESETS)}.",
        )
    exponent(currency)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Refused(
            "zone_unknown",
            f"There is no time zone “{zone}”.",
            field="zone",
            value=zone,
            fix="Use a name of the IANA list, such as America/New_York or Europe/Zurich.",
        ) from error
    slug = slug or slugify(name)[:60].strip("-") or "organization"
    if len(slug) > 60 or slugify(slug) != slug:
        raise Refused(
            "slug_invalid",
            f"“{slug[:60]}” can't stand in an address.",
            field="slug",
            value=slug[:60],
            fix="Use small letters, digits and hyphens, 60 at most.",
        )
    if Organization.objects.filter(slug=slug).exists():
        raise Refused(
            "slug_taken",
            f"There is already an organization “{slug}”.",
            field="name",
            value=name,
            fix="Give it another name, or another short name with --slug.",
        )
    return Organization.objects.create(
        slug=slug,
        name=name,
        preset=preset,
        currency=currency,
        zone=zone,
        locale=locale,
        mode=mode,
        sandbox_now=now if mode == Organization.Mode.SANDBOX else None,
        created_at=now,
    )


def set_policy(
    organization: Organization,
    key: str,
    value: Value,
    *,
    actor: str,
    now: datetime,
    scope: str = "organization",
    scope_id: UUID | None = None,
) -> None:
    """Sets a policy at a scope. Refused when the value isn't allowed or conflicts with another policy (G-12, G-35)."""
    set_policies(organization, {key: value}, actor=actor, now=now, scope=scope, scope_id=scope_id)


def set_policies(
    organization: Organization,
    values: Mapping[str, Value | None],
    *,
    actor: str,
    now: datetime,
    scope: str = "organization",
    scope_id: UUID | None = None,
    verdict: Verdict | None = None,
) -> None:
    """Sets policies at a scope together, so that their order doesn't matter; None removes what is set there.

    Refused as in `set_policy`, and for the organization as a whole as `refuse_unproven`: where it keeps examples, the
    `verdict` on them has to come along.
    """
    before = policies_of(organization)
    write_policies(organization, values, actor=actor, now=now, scope=scope, scope_id=scope_id)
    refuse_new(before, policies_of(organization), scope=scope, scope_id=scope_id)
    if scope == "organization":
        refuse_untold(organization, verdict)


def write_policies(
    organization: Organization,
    values: Mapping[str, Value | None],
    *,
    actor: str,
    now: datetime,
    scope: str,
    scope_id: UUID | None,
) -> None:
    """Writes policies at a scope, None removing what is set there; whoever calls looks at what excludes what.
    Refused as `checked`."""
    for key, value in values.items():
        if value is None:
            PolicySetting.objects.filter(
                organization=organization, scope=scope, scope_id=scope_id, key=key
            ).delete()
        else:
            PolicySetting.objects.update_or_create(
                organization=organization,
                scope=scope,
                scope_id=scope_id,
                key=key,
                defaults={"value": checked(key, value), "set_by": actor, "set_at": now},
            )


def hand_on_policies(organization: Organization, *, scope: str, before: UUID, after: UUID) -> None:
    """What is set at one id of a scope holds for another that goes on from it too, with whoever set it, and what is
    planned there comes for that one instead."""
    found = PolicySetting.objects.filter(organization=organization, scope=scope, scope_id=before)
    PolicySetting.objects.bulk_create(
        PolicySetting(
            organization=organization,
            scope=scope,
            scope_id=after,
            key=one.key,
            value=one.value,
            set_by=one.set_by,
            set_at=one.set_at,
        )
        for one in found
    )
    planned = PolicyChange.objects.filter(organization=organization, scope=scope, scope_id=before)
    planned.filter(outcome=PolicyChange.Outcome.PLANNED).update(scope_id=after)


def refuse_untold(organization: Organization, verdict: Verdict | None) -> None:
    """Lets the organization's policies be as they are now, in this transaction, if its examples were told with them.
    One without examples needs no verdict. Refused as `refuse_unproven`."""
    if not example_texts(organization.id):
        return
    Organization.objects.select_for_update(no_key=True).get(id=organization.id)
    texts = example_texts(organization.id)
    refuse_unproven(basis_of(policies_of(organization), texts), verdict)


def keep_examples(
    organization: Organization, drafts: Iterable[Draft], *, source: str, now: datetime
) -> list[PolicyExample]:
    """Keeps examples under their titles, each in the place of the one that it replaces; a new one comes last.

    Refused: `example_unknown`, `example_name_taken`, `too_many_examples`, and as `Draft`.
    """
    Organization.objects.select_for_update(no_key=True).get(id=organization.id)
    kept = {one.name: one for one in PolicyExample.objects.filter(organization=organization)}
    written = []
    for draft in drafts:
        title = draft.title
        row = kept.pop(draft.replaces, None) if draft.replaces else None
        if draft.replaces and row is None:
            raise no_such_example(draft.replaces)
        if title in kept:
            raise Refused(
                "example_name_taken",
                f"There is already an example called “{title}”.",
                field="text",
                value=title,
                fix="Give it another title, or edit that one.",
            )
        if row is None:
            last = max((one.position for one in kept.values()), default=0)
            row = PolicyExample(
                organization=organization, source=draft.source or source, position=last + 1, created_at=now
            )
        row.name, row.text = title, draft.text
        row.told_at, row.told_with, row.failing = None, "", []
        row.save()
        kept[title] = row
        written.append(row)
    if len(kept) > MOST_EXAMPLES:
        raise Refused(
            "too_many_examples",
            f"An organization keeps up to {MOST_EXAMPLES} examples.",
            field="text",
            fix="Remove one that says the same as another.",
        )
    return written


def keep_templates(organization: Organization, *, now: datetime) -> list[PolicyExample]:
    """Keeps the preset's examples that speak of what the organization has decided, unless it keeps one of that name.
    Refused as `keep_examples`."""
    policies, known = policies_of(organization), example_texts(organization.id)
    drafts = [
        one.draft
        for one in templates_of(organization.preset)
        if one.name not in known and one.holds_for(policies)
    ]
    return keep_examples(organization, drafts, source=PRESET, now=now)


def remove_example(organization: Organization, name: str) -> PolicyExample:
    """Takes an example away. Refused `example_unknown`."""
    Organization.objects.select_for_update(no_key=True).get(id=organization.id)
    row = PolicyExample.objects.filter(organization=organization, name=name).first()
    if row is None:
        raise no_such_example(name)
    PolicyExample.objects.filter(id=row.id).delete()
    return row


def note_told(
    organization: Organization,
    failing: Iterable[Failing],
    *,
    now: datetime,
    names: Iterable[str] | None = None,
) -> None:
    """Notes what came of telling examples (those of `names`, else all) with the policies as they are."""
    faults = {one.name: [{"line": one.line, "text": one.text, "what": list(one.what)}] for one in failing}
    told_with = settings_digest(policies_of(organization))
    for row in PolicyExample.objects.filter(organization=organization):
        if names is None or row.name in names:
            PolicyExample.objects.filter(id=row.id, text=row.text).update(
                told_at=now, told_with=told_with, failing=faults.get(row.name, [])
            )


def no_such_example(name: str) -> Refused:
    """The refusal of a name that no example has."""
    return Refused(
        "example_unknown",
        f"There is no example called “{name}”.",
        field="name",
        value=name,
        fix="`paidthru example list` shows them; its name is the title in its first line.",
    )


def new_user(email: str, name: str, password: str | None) -> User:
    """Writes somebody who signs in; without a password they can't until they have set one. Refused `email_invalid`,
    `name_missing`, `password_weak`."""
    address = sign_in_address(checked_email(email))
    user = User(email=address, name=checked_name(name or address.partition("@")[0], field="name", most=200))
    if password is None:
        user.set_unusable_password()
        user.save()
    else:
        give_password(user, password)
    return user


def give_password(user: User, password: str) -> None:
    """Sets a person's password. Refused `password_weak`."""
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise Refused(
            "password_weak",
            " ".join(weak.messages),
            field="password",
            fix="Choose a longer one that nobody guesses.",
        ) from None
    user.set_password(password)
    user.save()


def grant_role(organization: Organization, user: User, role: str) -> None:
    """Gives a user a role; a second time changes nothing."""
    if role not in ROLES:
        raise Refused(
            "role_unknown",
            f"There is no role “{role}”.",
            field="role",
            value=role,
            fix=f"Choose one of: {', '.join(ROLES)}.",
        )
    StaffRole.objects.get_or_create(organization=organization, user=user, role=role)


def take_numbers(organization_id: UUID, name: str, count: int = 1) -> int:
    """The first of `count` consecutive numbers of a series; the series stays locked until the transaction ends.

    Numbers that end up unused must be given a reason with `record_gap`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Series._meta.db_table} (id, organization_id, name, next_value)"
            " VALUES (gen_random_uuid(), %s, %s, 1 + %s) ON CONFLICT (organization_id, name)"
            " DO UPDATE SET next_value = organizations_series.next_value + EXCLUDED.next_value - 1"
            " RETURNING next_value",
            [organization_id, name, count],
        )
        row = cursor.fetchone()
    return int(row[0]) - count


def record_gap(organization_id: UUID, name: str, first: int, count: int, reason: str) -> None:
    """Says why numbers of a series were not used."""
    SeriesGap.objects.create(
        organization_id=organization_id, name=name, first=first, count=count, reason=reason
    )


def set_goal(organization: Organization, to: datetime | None) -> None:
    """Asks for a sandbox's clock to be moved by the worker; None when it has arrived."""
    organization.sandbox_goal = to
    Organization.objects.filter(id=organization.id).update(sandbox_goal=to)


def move_clock(organization: Organization, to: datetime) -> None:
    """Sets a sandbox's own clock (UTC instant); time never runs backwards."""
    if not organization.is_sandbox:
        raise Refused(
            "not_a_sandbox",
            "A live organization's time can't be moved.",
            field="to",
            fix="Try it in a sandbox organization.",
        )
    if organization.sandbox_now is not None and to < organization.sandbox_now:
        raise Refused(
            "past_date",
            "Time never runs backwards.",
            field="to",
            value=to.isoformat(),
            fix="Choose a later moment.",
        )
    organization.sandbox_now = to
    Organization.objects.filter(id=organization.id).update(sandbox_now=to)


def make_recovery_codes(user: User) -> list[str]:
    """Ten codes that stand in for a lost phone, in place of earlier ones; their digests are kept."""
    RecoveryCode.objects.filter(user=user).delete()
    codes = [
        spaced(base64.b32encode(secrets.token_bytes(10)).decode().lower()) for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=recovery_digest(code) or "") for code in codes
    )
    return codes


def recovery_codes_unless_known(user: User) -> list[str]:
    """Ten codes for whoever has none that was made yet; nothing for others."""
    return [] if RecoveryCode.objects.filter(user=user).exists() else make_recovery_codes(user)


def end_other_sign_ins(user: User, here: str) -> None:
    """Signs the user out of every browser but the one whose session is `here`."""
    others = SignIn.objects.filter(user=user).exclude(session_key=here)
    Session.objects.filter(session_key__in=others.values("session_key")).delete()
    others.delete()


def note_seen(user: User, session_key: str, agent: str, now: datetime) -> None:
    """That a browser was here (the machine's instant); one that isn't known yet is from now on."""
    if not SignIn.objects.filter(user=user, session_key=session_key).update(seen_at=now):
        found = SignIn(
            user=user,
            session_key=session_key,
            browser=browser_in_words(agent),
            how="",
            started_at=now,
            seen_at=now,
        )
        SignIn.objects.bulk_create([found], ignore_conflicts=True)


def set_mark(organization_id: UUID, name: str, at: datetime) -> None:
    """Says how far something recurring has got."""
    Mark.objects.bulk_create(  # one statement, and no race between two
        [Mark(organization_id=organization_id, name=name, at=at)],
        update_conflicts=True,
        unique_fields=["organization", "name"],
        update_fields=["at"],
    )


def skip_numbers(organization_id: UUID, name: str, last: int, reason: str) -> int:
    """Gives numbers of a series up to `last` that are not to be used, as a gap with its reason; returns how many."""
    first = take_numbers(organization_id, name, 0)
    count = last - first + 1
    if count <= 0:
        return 0
    first = take_numbers(organization_id, name, count)
    record_gap(organization_id, name, first, count, reason)
    return count


def freeze_install(row: Install, kind: str, why: str, *, known_until: datetime | None) -> None:
    """Freezes live charging from now on (database time): `kind` is restored, moved or person. Whatever was replayed
    before counts no more. `known_until` is None for a database that has lost nothing."""
    row.frozen_at, row.frozen_kind, row.frozen_why = database_now(), kind, why[:300]
    row.known_until, row.replayed_at = known_until, None
    row.save(update_fields=["frozen_at", "frozen_kind", "frozen_why", "known_until", "replayed_at"])


_AT_ONCE = (
    50  # rows that are over and go with one try: more than one try can make, so that they come to an end
)

_COUNT = """
    INSERT INTO organizations_tries AS t (key, count, over_at)
    VALUES (%s, 1, clock_timestamp() + make_interval(secs => %s))
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN t.over_at <= clock_timestamp() THEN 1 ELSE t.count + 1 END,
        over_at = CASE WHEN t.over_at <= clock_timestamp() THEN excluded.over_at ELSE t.over_at END
    RETURNING count"""

_PRUNE = """
    DELETE FROM organizations_tries WHERE key IN (
        SELECT key FROM organizations_tries WHERE over_at <= clock_timestamp()
        ORDER BY over_at LIMIT %s FOR UPDATE SKIP LOCKED)"""


def count_try(what: str, within: int) -> int:
    """Counts one more of what strangers try: in the database, where every server process sees the same and nobody
    else's tries make it forgotten; two at once count as two. How many that are within so many seconds since the
    first."""
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE, [_AT_ONCE])
        cursor.execute(_COUNT, [try_key(what), within])
        return int(cursor.fetchone()[0])


def forget_tries(what: str) -> None:
    """Counts from nothing again."""
    Tries.objects.filter(key=try_key(what)).delete()
