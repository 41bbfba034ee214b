"""Fork an organization: a copy of all that it knows, in a sandbox, to be played with; the original is only read."""

import re
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from tempfile import SpooledTemporaryFile
from uuid import UUID

from django.apps import apps
from django.db import connection, models, transaction

from paidthru.organizations.models import Organization, User
from paidthru.organizations.queries import tables_of_organizations

#: What a copy has no use for: keys of a processor, ways in from outside, what came in at the door, the seals of a
#: chain that isn't its own, examples that guard its policies, other rehearsals.
LEFT_BEHIND = frozenset(
    {
        "invoicing_paylink",
        "membership_joinlink",
        "membership_signup",
        "organizations_course",
        "organizations_policyexample",
        "organizations_rehearsal",
        "payments_gatewayaccount",
        "payments_memberlink",
        "payments_methodsetup",
        "sandbox_sandboxkey",
        "sandbox_sandboxsetup",
        "timeline_auditseal",
        "timeline_idempotencykey",
        "timeline_inboxevent",
    }
)
_TAIL = 12  # signs of a reference that are others in a copy
_IN_MEMORY = 16 * 1024 * 1024  # bytes of a table; what is larger goes through a file
_NAMES = re.compile(
    rb"(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-)(?P<own>[0-9a-f]{12})"
    rb"|(?<![0-9A-Za-z])(?P<kind>[a-z]{2,6}_)(?P<ref>[a-p]{32}\b|(?=[A-Za-z]*[0-9])[0-9A-Za-z]{14,120}\b)"
)
_LETTERS = bytes.maketrans(b"0123456789abcdef", b"abcdefghijklmnop")
_DIGITS = bytes.maketrans(b"abcdefghijklmnop", b"0123456789abcdef")


def forked_id(id_: UUID, mask: int) -> UUID:
    """What an id of the original is in the copy, and the other way round. `mask` has 48 bits."""
    return UUID(int=id_.int ^ mask)


def renamed(mask: int, spared: frozenset[bytes] = frozenset()) -> Callable[[bytes], bytes]:
    """Gives every id and every reference of a processor in a text the name that it has in a copy: the same one wherever
    it stands, in a column, in JSON or in a sentence. Ids in `spared` keep theirs."""

    def name(found: "re.Match[bytes]") -> bytes:
        if found["id"] is not None:
            whole = found[0]
            return whole if whole in spared else found["id"] + b"%012x" % (int(found["own"], 16) ^ mask)
        ref = found["ref"]
        if len(ref) == 32 and not ref.strip(b"abcdefghijklmnop"):  # the sandbox's: digits as letters
            own = int(ref[20:].translate(_DIGITS), 16) ^ mask
            return found["kind"] + ref[:20] + (b"%012x" % own).translate(_LETTERS)
        own_tail = blake2b(found[0], key=b"%012x" % mask, digest_size=_TAIL // 2).hexdigest().encode()
        return (
            found["kind"] + ref[:-_TAIL] + own_tail
        )  # another processor's, which isn't asked; by all of its signs

    return lambda text: _NAMES.sub(name, text)


def fork(organization: Organization, *, slug: str, name: str, mask: int, now: datetime) -> Organization:
    """Copies an organization as it stands into a sandbox of its own, whose clock stands at `now`.

    In one transaction, which writes nothing of the original; where it is the caller's, it should read as of one moment
    (REPEATABLE READ), so that nobody has to wait meanwhile. What is under way at another
    processor than the sandbox's stays open there for ever: it is never asked.
    """
    with transaction.atomic():
        people = frozenset(str(id_).encode() for id_ in User.objects.values_list("id", flat=True))
        rename = renamed(mask, people)
        copy = Organization.objects.get(id=organization.id)
        copy.id, copy.slug, copy.name = forked_id(organization.id, mask), slug, name
        copy.mode, copy.sandbox_now, copy.sandbox_goal = Organization.Mode.SANDBOX, now, None
        copy.worker_stopped, copy.created_at, copy.forked_from = False, now, organization.id
        copy.save(force_insert=True)
        # Journals first: once their batches and closings are there, the database takes no more.
        for table in sorted(tables_of_organizations(), key=lambda table: table != "ledger_journal"):
            if table not in LEFT_BEHIND:
                _copy(table, organization.id, rename)
        return copy


def _copy(table: str, organization_id: UUID, rename: Callable[[bytes], bytes]) -> None:
    columns = ", ".join(_columns(table))
    with connection.cursor() as cursor, SpooledTemporaryFile(_IN_MEMORY) as kept:
        rows = f"SELECT {columns} FROM {table} WHERE organization_id = '{organization_id}'"
        with cursor.copy(f"COPY ({rows}) TO STDOUT") as out:
            for row in out:  # a whole row each
                kept.write(rename(bytes(row)))
        kept.seek(0)
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as into:
            while block := kept.read(1 << 16):
                into.write(block)


def _columns(table: str) -> list[str]:
    """A table's columns, but for ids that the database counts up."""
    model = next(each for each in apps.get_models(include_auto_created=True) if each._meta.db_table == table)
    return [
        f'"{field.column}"'
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField)
    ]
