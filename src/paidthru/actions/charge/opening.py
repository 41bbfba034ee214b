"""Step OPEN of a charge: the intention to collect is written before anything is called (field-notes C.3, 1)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Max

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations import current_documents, reissue
from paidthru.invoicing.queries import open_on_all, owed_on
from paidthru.kernel.clock import local_date
from paidthru.kernel.copying import copy_rows
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, IntentInvoice, PaymentIntent, PaymentMethod
from paidthru.payments.queries import histories
from paidthru.payments.queries.retrying import Wanted, instrument, retry_policy, verdicts
from paidthru.payments.rules.intents import INTENT
from paidthru.payments.rules.retries import REASONS, RetryVerdict
from paidthru.timeline.operations import Actor, Happening, record

_NOTHING: Mapping[UUID, "Asked"] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening brought, by invoice: attempts that are new, those that were open already, and refusals."""

    written: Mapping[UUID, UUID]
    standing: Mapping[UUID, UUID]
    refused: Mapping[UUID, Refused]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a payer who is there has read and agreed to: so much (minor units) of an invoice, to the method on file or,
    of a visitor, to `method`, which is for this invoice alone. A part of it is asked with `of_minor`, what was open as
    they read it."""

    amount_minor: int
    method: PaymentMethod | None = None
    of_minor: int | None = None

    @property
    def read_minor(self) -> int:
        """What was open, as they read it."""
        return self.amount_minor if self.of_minor is None else self.of_minor


def open_attempt(
    organization: Organization,
    invoice_id: UUID,
    *,
    max_attempts: int,
    initiator: str,
    actor: Actor,
    now: datetime,
    off_session: bool = True,
    asked: Asked | None = None,
) -> Attempt:
    """As `open_attempts`, for one invoice. A refusal is raised. With `asked`, exactly that amount is collected: what is
    owed, or also what is voluntary of it, or a part of either. Refused `balance_changed` when what was read is not
    open any more, or less than the part."""
    opened = open_attempts(
        organization,
        [invoice_id],
        max_attempts=max_attempts,
        initiator=initiator,
        actor=actor,
        now=now,
        off_session=off_session,
        asked={invoice_id: asked} if asked else {},
    )
    for refused in opened.refused.values():
        raise refused
    return Attempt.objects.get(id=(opened.written or opened.standing)[invoice_id])


def open_attempts(
    organization: Organization,
    invoice_ids: Sequence[UUID],
    *,
    max_attempts: int,
    initiator: str,
    actor: Actor,
    now: datetime,
    off_session: bool = True,
    asked: Mapping[UUID, Asked] = _NOTHING,
) -> Opened:
    """Step OPEN: writes the intention to collect invoices' balances, in one transaction, before anything is called.

    Off session only what is owed is collected: a voluntary line is paid by a member who is there to choose it (G-44),
    or by the consent to a gift that comes again and again, which says how much is `asked` (A-20).

    An attempt that is already open is returned as it is: that is the answer to a double click. What a failed payment
    closed and waits for its next document gets it with the attempt (P-07); any document of the same obligation may be
    named, and the answer is by what was named (X26). `asked`: see `open_attempt`. Refused, each by itself:
    `invoice_unknown`, `invoice_paid`, `invoice_closed`, `nothing_owed`, `no_payment_method`, and what the retry rules
    refuse (`retry_allowed`): the last look at them, under the invoices' locks.
    """
    with transaction.atomic():
        current = current_documents(invoice_ids, locked=True)
        ids = {current.get(id_, id_) for id_ in invoice_ids}
        locked = Invoice.objects.select_for_update().filter(id__in=ids, organization=organization)
        invoices = {invoice.id: invoice for invoice in locked.order_by("id")}
        standing = dict(
            Attempt.objects.filter(
                intent__invoices__invoice__in=invoices, intent__invoices__open=True, state__in=OPEN_ATTEMPT
            ).values_list("intent__invoices__invoice_id", "id")
        )
        methods = {
            method.party_id: method
            for method in PaymentMethod.objects.filter(
                party__in={invoice.party_id for invoice in invoices.values()}, state="active"
            )
        }
        read = {current.get(id_, id_): one for id_, one in asked.items()}
        methods |= {
            invoices[id_].party_id: one.method for id_, one in read.items() if one.method and id_ in invoices
        }
        tried, declined = histories(list(invoices)), _declined_intents(invoices)
        owed = owed_on(list(invoices)) if off_session else open_on_all(list(invoices))
        asked_of = open_on_all(list(read)) if off_session and read else owed
        changed = _changed(read, asked_of, {} if off_session else owed_on(list(read)))
        owed |= {id_: one.amount_minor for id_, one in read.items() if id_ not in changed}
        policy = retry_policy(policies_of(organization), present=not off_session, max_attempts=max_attempts)
        wanted = [
            Wanted(id_, method.gateway, instrument(method), owed.get(id_, 0))
            for id_, invoice in invoices.items()
            if id_ not in standing and (method := methods.get(invoice.party_id)) is not None
        ]
        judged = verdicts(organization, wanted, policy, now=now, tried=tried)
        rows = _Rows(organization, initiator, off_session, now)
        refused: dict[UUID, Refused] = {}
        allowed: dict[UUID, PaymentMethod] = {}
        for id_ in dict.fromkeys(current.get(id_, id_) for id_ in invoice_ids):
            invoice = invoices.get(id_)
            if invoice is None:
                refused[id_] = Refused(
                    "invoice_unknown", "There is no such invoice.", field="invoice", value=id_
                )
            elif id_ not in standing:
                method = methods.get(invoice.party_id)
                refusal = _refusal(invoice, owed.get(id_, 0), method, judged.get(id_)) or changed.get(id_)
                if refusal is not None:
                    refused[id_] = refusal
                elif method is not None:
                    allowed[id_] = method
        waiting = [id_ for id_ in allowed if invoices[id_].awaits_reissue]
        made = reissue(organization.id, waiting, on=local_date(now, organization.zone), now=now, actor=actor)
        successors = Invoice.objects.in_bulk(made.values())
        for id_, method in allowed.items():  # attempts are numbered, and sent, in the order asked for
            invoice, amount = successors.get(made.get(id_)) or invoices[id_], owed.get(id_, 0)
            rows.add(
                id_,
                invoice,
                amount,
                method,
                declined.get((id_, *_home(method), amount)) if id_ not in made else None,
            )
        rows.write(actor)
        named = [(id_, current.get(id_, id_)) for id_ in dict.fromkeys(invoice_ids)]
        return Opened(
            {id_: rows.written[at] for id_, at in named if at in rows.written},
            {id_: standing[at] for id_, at in named if at in standing},
            {id_: refused[at] for id_, at in named if at in refused},
        )


def _changed(
    read: Mapping[UUID, Asked], open_minor: Mapping[UUID, int], owed_minor: Mapping[UUID, int]
) -> dict[UUID, Refused]:
    """Of what payers have read, what is not so any more: a payment, a credit or a reversal came in between."""
    return {
        id_: Refused(
            "balance_changed",
            "What is open has changed.",
            field="amount",
            value=one.amount_minor,
            fix="Read it again, then pay.",
        )
        for id_, one in read.items()
        if not 0 < one.amount_minor <= one.read_minor
        or one.read_minor not in (open_minor.get(id_, 0), owed_minor.get(id_, open_minor.get(id_, 0)))
    }


def _home(of: PaymentMethod | PaymentIntent) -> tuple[str, bool, str]:
    """Where a method or an intent lies: an intent is confirmed only with a method of the same customer there."""
    return of.gateway, of.livemode, of.customer_ref


def _declined_intents(
    invoice_ids: Iterable[UUID],
) -> dict[tuple[UUID, str, bool, str, int], tuple[UUID, int]]:
    """The declined intents that may be used again, by invoice, home (`_home`) and amount, with their last attempt's
    n."""
    found = (
        PaymentIntent.objects.filter(
            invoices__invoice__in=invoice_ids, state="declined", gateway_ref__isnull=False
        )
        .annotate(last=Max("attempts__n"))
        .annotate(invoice=F("invoices__invoice_id"))
    )
    return {(one.invoice, *_home(one), one.amount_minor): (one.id, one.last) for one in found}


def _refusal(
    invoice: Invoice, amount: int, method: PaymentMethod | None, verdict: RetryVerdict | None
) -> Refused | None:
    """Why the invoice can't be collected now, if it can't."""
    number = invoice.named
    if invoice.state == "paid":
        return _refused("invoice_paid", f"Invoice {number} is paid.", number, "Nothing is left to collect.")
    if not invoice.awaits_reissue and (invoice.state != "sent" or invoice.balance_minor <= 0):
        return _refused(
            "invoice_closed",
            f"Invoice {number} is {invoice.state}.",
            number,
            "Only a sent invoice with a balance can be collected.",
        )
    if amount <= 0:
        return _refused(
            "nothing_owed",
            f"Only voluntary contributions are open on invoice {number}.",
            number,
            "The member can pay them; they are not collected by themselves.",
        )
    if method is None or verdict is None:
        return _refused(
            "no_payment_method",
            f"There is no payment method on file to collect invoice {number}.",
            number,
            REASONS["no_payment_method"].fix,
        )
    if verdict.refused is None:
        return None
    return _refused(
        verdict.refused,
        f"Invoice {number} was tried {verdict.used} of {verdict.budget} times with {method.brand} {method.last4}."
        f" {verdict.sentence or REASONS[verdict.refused].sentence}",
        number,
        REASONS[verdict.refused].fix,
    )


def _refused(code: str, message: str, number: int | str | None, fix: str) -> Refused:
    return Refused(code, message, field="invoice", value=number, fix=fix)


_INTENT = ("id", "organization_id", "party_id", "gateway", "livemode", "customer_ref", "currency", "amount_minor",
           "state", "created_at")  # fmt: skip
_INVOICE = ("id", "organization_id", "intent_id", "invoice_id", "amount_minor", "open")
_ATTEMPT = ("id", "organization_id", "intent_id", "party_id", "n", "method_id", "method_fingerprint", "initiator",
            "off_session", "idempotency_key", "state", "created_at", "looks", "decline_code", "message",
            "apply_error")  # fmt: skip


class _Rows:
    """The rows of the attempts that are opened together: a declined intent is used again, or a new one made."""

    def __init__(self, organization: Organization, initiator: str, off_session: bool, now: datetime) -> None:
        self.written: dict[UUID, UUID] = {}
        self._organization, self._initiator, self._off_session = organization, initiator, off_session
        self._now = now
        self._again: list[UUID] = []
        self._intents: list[tuple[object, ...]] = []
        self._invoices: list[tuple[object, ...]] = []
        self._attempts: list[tuple[object, ...]] = []
        self._happenings: list[Happening] = []

    def add(
        self,
        asked: UUID,
        invoice: Invoice,
        amount: int,
        method: PaymentMethod,
        declined: tuple[UUID, int] | None,
    ) -> None:
        """One more attempt at an amount (minor units), for who asked for the document `asked`; its intent is the
        declined one of the same invoice and amount, or new (C.3, 11)."""
        owner = self._organization.id
        intent_id, n = declined or (new_id(), 0)
        if declined:
            self._again.append(intent_id)
        else:
            self._intents.append(
                (intent_id, owner, invoice.party_id, method.gateway, method.livemode, method.customer_ref,
                 invoice.currency, amount, INTENT.initial, self._now)
            )  # fmt: skip
            self._invoices.append((new_id(), owner, intent_id, invoice.id, amount, True))
        attempt_id = self.written[asked] = new_id()
        self._attempts.append(
            (attempt_id, owner, intent_id, invoice.party_id, n + 1, method.id, method.fingerprint, self._initiator,
             self._off_session, f"att:{attempt_id}", "created", self._now, 0, "", "", "")
        )  # fmt: skip
        facts = {
            "invoice": invoice.named,
            "amount": plain(amount, invoice.currency),
            "currency": invoice.currency,
            "method": f"{method.brand} {method.last4}",
        }
        self._happenings.append(
            Happening("payment_submitted", "invoice", invoice.id, invoice.party_id, facts=facts)
        )

    def write(self, actor: Actor) -> None:
        """Writes all of them. Should a lock ever be missed, the database refuses a second open intent."""
        PaymentIntent.objects.filter(id__in=self._again).update(state=INTENT.next("declined", "retry"))
        IntentInvoice.objects.filter(intent__in=self._again).update(open=True)
        with connection.cursor() as cursor:
            copy_rows(cursor, PaymentIntent._meta.db_table, _INTENT, self._intents)
            copy_rows(cursor, IntentInvoice._meta.db_table, _INVOICE, self._invoices)
            copy_rows(cursor, Attempt._meta.db_table, _ATTEMPT, self._attempts)
        record(self._organization.id, actor, self._now, self._happenings)
