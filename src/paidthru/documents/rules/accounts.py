"""Receipt, statement of account and batch report are put together. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from paidthru.documents.rules.facts import (
    AccountFacts,
    BatchFacts,
    CurrencyFacts,
    Issuer,
    JournalFacts,
    Payer,
    ReceiptFacts,
    SidesFacts,
    StatementFacts,
)
from paidthru.documents.rules.frame import Voice, framed
from paidthru.documents.rules.sheets import (
    AccountGroup,
    BatchSheet,
    Fact,
    JournalRows,
    Moved,
    ReceiptSheet,
    StatementAccount,
    StatementSheet,
    Total,
    Used,
)
from paidthru.invoicing.rules.aging import AGES


def receipt_sheet(facts: ReceiptFacts, issuer: Issuer, payer: Payer) -> ReceiptSheet:
    """A receipt: what came, when, how, and which invoices it paid."""
    voice = Voice.of(issuer, payer)

    def money(amount_minor: int) -> str:
        return voice.money(amount_minor, facts.currency)

    means = voice.word(f"by_{facts.means}")
    if facts.method:
        means = f"{means} ({facts.method})"
    kept = facts.amount_minor - sum(part.amount_minor for part in facts.parts) if facts.parts_known else 0
    parts = [
        Used(voice.word("invoice", number=str(part.invoice)), voice.said(part.text), money(part.amount_minor))
        for part in facts.parts
    ]
    if kept:
        parts.append(Used(voice.word("on_account"), "", money(kept)))
    told = [
        ("number", str(facts.number)),
        ("date", voice.day(facts.received_on)),
        *([("customer", str(payer.number))] if payer.number else []),
    ]
    return ReceiptSheet(
        frame=framed(
            voice,
            issuer,
            payer,
            voice.word("receipt", number=str(facts.number)),
            [(voice.word(key), value) for key, value in told],
            made_at=facts.issued_at,
        ),
        said=voice.word("received", date=voice.day(facts.received_on), means=means),
        amount=money(facts.amount_minor),
        parts=tuple(parts),
        totals=(Total(voice.word("total"), money(facts.amount_minor), strong=True),),
        notes=(voice.word("thanks"),),
    )


def statement_sheet(facts: StatementFacts, issuer: Issuer, payer: Payer) -> StatementSheet:
    """A statement of account: what moved, with the balance after each row, and what is open by age (A-41)."""
    voice = Voice.of(issuer, payer)
    owes = any(account.closing_minor > 0 for account in facts.accounts)
    told = [
        ("date", voice.day(facts.through)),
        ("period", f"{voice.day(facts.start)} – {voice.day(facts.through)}"),
        *([("customer", str(payer.number))] if payer.number else []),
    ]
    return StatementSheet(
        frame=framed(
            voice,
            issuer,
            payer,
            voice.word("statement"),
            [(voice.word(key), value) for key, value in told],
            made_at=facts.made_at,
        ),
        accounts=tuple(_account(voice, facts, account) for account in facts.accounts),
        payment_title=voice.word("how_to_pay") if owes and issuer.payment else "",
        payment=issuer.payment if owes else (),
    )


def _account(voice: Voice, facts: StatementFacts, account: AccountFacts) -> StatementAccount:
    def money(amount_minor: int) -> str:
        return voice.money(amount_minor, account.currency)

    balance = account.opening_minor
    rows = [Moved(voice.day(facts.start), voice.word("opening"), "", "", "", money(balance))]
    for one in account.moved:
        balance += one.amount_minor
        text = voice.word(f"moved_{one.kind}", number=str(one.number or ""))
        rows.append(
            Moved(
                voice.day(one.on),
                text,
                voice.said(one.text),
                money(one.amount_minor) if one.amount_minor > 0 else "",
                money(-one.amount_minor) if one.amount_minor < 0 else "",
                money(balance),
            )
        )
    closing = account.closing_minor
    word = "in_favor" if closing < 0 else "closing"
    total = Total(voice.word(word, date=voice.day(facts.through)), money(abs(closing)), strong=True)
    return StatementAccount(account.currency, tuple(rows), (total,), _ages(voice, account))


def _ages(voice: Voice, account: AccountFacts) -> tuple[Fact, ...]:
    if not any(amount for _, amount in account.ages):
        return ()
    labels = {0: voice.word("age_current"), AGES[-1]: voice.word("age_more", last=str(AGES[-1] - 1))}
    for first, following in pairwise(AGES[1:]):
        labels[first] = voice.word("age_days", first=str(first), last=str(following - 1))
    return tuple(Fact(labels[start], voice.money(amount, account.currency)) for start, amount in account.ages)


def batch_sheet(facts: BatchFacts, issuer: Issuer) -> BatchSheet:
    """A batch report: the figures of the screen (I-16), accounts, every journal verbatim, and who signs."""
    voice = Voice.of(issuer)

    def stamped(stamp: tuple[datetime, str] | None, key: str) -> list[tuple[str, str]]:
        if stamp is None:
            return []
        at, who = stamp
        return [(voice.word(key), voice.word("by", when=voice.instant(at, issuer.zone), who=who))]

    told = [
        (voice.word("kind"), facts.kind),
        (voice.word("date"), voice.day(facts.dated_on)),
        (voice.word("state"), voice.word(f"state_{facts.state}")),
        (voice.word("opened"), voice.instant(facts.opened_at, issuer.zone)),
        *stamped(facts.reviewed, "reviewed"),
        *stamped(facts.posted, "posted"),
        (voice.word("printed"), voice.instant(facts.made_at, issuer.zone)),
    ]
    count = sum(one.journals for one in facts.sums)
    figures = [Fact(voice.word("journals"), voice.number(count))]
    for one in facts.sums:
        figures += [
            Fact(voice.word("debits"), voice.money(one.debit_minor, one.currency)),
            Fact(voice.word("credits"), voice.money(one.credit_minor, one.currency)),
        ]
        if one.memo_minor:
            figures.append(Fact(voice.word("memo"), voice.money(one.memo_minor, one.currency)))
    return BatchSheet(
        frame=framed(
            voice,
            issuer,
            None,
            f"{voice.word('batch', number=str(facts.number))}: {facts.name}",
            told,
            made_at=facts.made_at,
        ),
        figures=tuple(figures),
        groups=tuple(group for one in facts.sums for group in _groups(voice, one)),
        journals_title=voice.word("batch_journals"),
        journals=tuple(_journal(voice, one) for one in facts.journals),
        notes=(
            voice.word("first_journals", shown=voice.number(len(facts.journals)), count=voice.number(count)),
        )
        if count > len(facts.journals)
        else (),
        signatures=tuple(voice.word(key) for key in ("prepared_by", "reviewed_by", "posted_by")),
    )


def _groups(voice: Voice, sums: CurrencyFacts) -> list[AccountGroup]:
    found = []
    for key, accounts in (("batch_totals", sums.accounts), ("batch_memo", sums.memo_accounts)):
        if accounts:
            found.append(_group(voice, voice.word(key, currency=sums.currency), accounts, sums.currency))
    return found


def _group(voice: Voice, title: str, accounts: Sequence[SidesFacts], currency: str) -> AccountGroup:
    def money(amount_minor: int) -> str:
        return voice.money(amount_minor, currency) if amount_minor else ""

    debit, credit = sum(one.debit_minor for one in accounts), sum(one.credit_minor for one in accounts)
    return AccountGroup(
        title,
        tuple((one.account, money(one.debit_minor), money(one.credit_minor)) for one in accounts),
        (voice.word("total"), voice.money(debit, currency), voice.money(credit, currency)),
    )


def _journal(voice: Voice, journal: JournalFacts) -> JournalRows:
    return JournalRows(
        f"{voice.day(journal.on)} · {journal.text}",
        tuple(
            (
                account,
                voice.money(amount, journal.currency) if amount > 0 else "",
                voice.money(-amount, journal.currency) if amount < 0 else "",
            )
            for account, amount in journal.entries
        ),
    )
