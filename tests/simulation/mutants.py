"""Planted bugs (field-notes 0, 10: count bugs killed, not schedules run).

Each is a change to the real code that somebody could make in good faith; one that can't be made any more, because the
code has moved on, counts as one that was not caught.

Each is caught by schedules (so many at most are played, the first that goes wrong ends it) or by tests that are named:
those that another layer makes harmless almost always, and of which the field notes say to keep them all the same.
"""

from dataclasses import dataclass

CHARGE = "src/paidthru/actions/charge/"
FAULTS = "tests/actions/test_collection_faults.py::"
BESIDE = (
    "tests/actions/test_rebuilt_beside.py::"
    "test_money_that_names_an_intent_bound_elsewhere_is_booked_once_and_not_charged_again_b35"
)


@dataclass(frozen=True, slots=True)
class Patch:
    """`old` stands exactly once in a file, and `new` in its place."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bug: its name, what it does in a sentence, how it is planted, and by what it is caught: at most so many
    schedules, or tests. `sql` is executed in the database, where a constraint would stop it."""

    name: str
    what: str
    patches: tuple[Patch, ...]
    schedules: int = 0
    tests: tuple[str, ...] = ()
    sql: tuple[str, ...] = ()


def _mutant(
    name: str,
    what: str,
    *patches: tuple[str, str, str],
    schedules: int = 0,
    tests: tuple[str, ...] = (),
    sql: tuple[str, ...] = (),
) -> Mutant:
    return Mutant(name, what, tuple(Patch(*one) for one in patches), schedules, tests, sql)


MUTANTS: tuple[Mutant, ...] = (
    _mutant(
        "no open index",
        "an invoice that is being collected can be collected once more beside it",
        (
            f"{CHARGE}opening.py",
            "intent__invoices__open=True, state__in=OPEN_ATTEMPT\n",
            "intent__invoices__open=True, state__in=()\n",
        ),
        (
            "src/paidthru/runs/collection.py",
            '        attempt.state != "created" or attempt.initiator not in',
            '        False and attempt.state != "created" or () and attempt.initiator not in',
        ),
        sql=("DROP INDEX one_open_intent_per_invoice", "DROP INDEX one_open_attempt_per_intent"),
        schedules=400,
    ),
    _mutant(
        "timeout is failure",
        "an attempt without an answer is taken for declined",
        (
            "src/paidthru/payments/rules/settlement.py",
            "GatewayUnknown():\n            return Outcome(AttemptState.UNKNOWN, Next.LOOK_UP, None, code,",
            "GatewayUnknown():\n            return Outcome(AttemptState.DECLINED, Next.RETRY_RULES, True, code,",
        ),
        schedules=400,
    ),
    _mutant(
        "5xx is failure",
        "an error of the processor's own is taken for a refusal",
        (
            "src/paidthru/adapters/stripe/errors.py",
            "        case stripe.APIError() if error.http_status == 409:\n",
            (
                "        case stripe.APIError() if (error.http_status or 0) >= 500:\n"
                '            return GatewayRejected(message, code="api_error")\n'
                "        case stripe.APIError() if error.http_status == 409:\n"
            ),
        ),
        tests=("tests/adapters/test_stripe_adapter.py::test_errors_are_told_apart",),
    ),
    _mutant(
        "settle not idempotent",
        "money that is told of twice is booked twice",
        (
            "src/paidthru/actions/settle.py",
            "            if paid_already or not may_replace(standing, outcome.state):",
            "            if not paid_already and not may_replace(standing, outcome.state):",
        ),
        (
            "src/paidthru/actions/settle.py",
            '            "event": INTENT.next(attempt.intent_state, event) if event else None,',
            (
                '            "event": (event and "succeeded") if attempt.intent_state == "succeeded" else'
                " INTENT.next(attempt.intent_state, event) if event else None,"
            ),
        ),
        sql=(
            "ALTER TABLE payments_payment DROP CONSTRAINT one_payment_per_gateway_charge",
            "ALTER TABLE payments_payment DROP CONSTRAINT payments_payment_attempt_id_key",
        ),
        schedules=400,
    ),
    _mutant(
        "new key per retry",
        "a request that may have arrived is sent again under another key",
        (f"{CHARGE}claiming.py", "if resumed else row.key,", 'if resumed else f"{row.key}:{lease}",'),
        schedules=400,
    ),
    _mutant(
        "refund without lock",
        "two who refund one payment at once don't see each other",
        (
            "src/paidthru/payments/operations/refunds.py",
            'WHERE id = %s AND organization_id = %s FOR UPDATE",\n',
            'WHERE id = %s AND organization_id = %s",\n',
        ),
        tests=(
            "tests/actions/test_refund_races.py::test_two_staff_at_once_never_give_back_more_than_came_b19_b50",
            "tests/actions/test_refund_races.py::test_one_answer_told_by_many_at_once_is_booked_once_b51",
        ),
    ),
    _mutant(
        "webhook order trusted",
        "what an event says of an intent is believed, whatever has happened since",
        (
            "src/paidthru/runs/inbox.py",
            "        for about, events in by_object.items():\n",
            (
                "        for about, events in by_object.items():\n"
                '            said = events[0].kind.partition(".")[2]\n'
                '            said = {"payment_failed": "requires_payment_method"}.get(said, said)\n'
                "            if isinstance(answers[about], GatewayIntent) and said in list(IntentStatus):\n"
                "                from dataclasses import replace\n\n"
                "                answers[about] = replace(\n"
                "                    answers[about], status=IntentStatus(said), decline_code='insufficient_funds'\n"
                "                )\n"
            ),
        ),
        tests=("tests/actions/test_inbox.py::test_any_order_and_repetition_gives_the_same_end",),
    ),
    _mutant(
        "late return ignored",
        "a bank debit that comes back after its success is no news",
        (
            "src/paidthru/actions/settle_dispute.py",
            "        _refuse_mismatch(payment, answer)\n",
            (
                "        _refuse_mismatch(payment, answer)\n"
                "        if answer.is_return:\n"
                '            return SettledDispute(payment.id, payment.id, "lost", False)\n'
            ),
        ),
        schedules=400,
    ),
    _mutant(
        "no reconciler",
        "open questions are never asked again",
        (
            "src/paidthru/payments/queries/collecting.py",
            "        found = found.filter(next_look_at__lte=due_by)\n    return list(",
            "        return []\n    return list(",
        ),
        schedules=400,
    ),
    _mutant(
        "a paid invoice takes no money",
        "a charge that succeeds after a check has paid the invoice is refused",
        (
            "src/paidthru/actions/settle.py",
            "    all_placed = place_all(organization.id, monies)\n",
            (
                "    all_placed = place_all(organization.id, monies)\n"
                "    if any(state == 'paid' for placed in all_placed for _, state in placed.named):\n"
                "        raise ValueError('the invoice is paid')\n"
            ),
        ),
        schedules=400,
    ),
    _mutant(
        "refund matched by amount",
        "a refund is taken for another one of the same payment and amount",
        (
            "src/paidthru/actions/send_refund.py",
            "if one.metadata.get(REFUND) == ours),",
            "if one.amount_minor == held.request.amount_minor),",
        ),
        tests=(
            "tests/actions/test_refunds.py::test_an_equal_refund_of_the_same_payment_is_not_taken_for_ours_b33",
        ),
    ),
    _mutant(
        "no send deadline",
        "a worker that stood still for an hour sends all the same",
        (
            f"{CHARGE}sending.py",
            "RETURNING a.id, a.send_deadline > clock_timestamp()",
            "RETURNING a.id, true",
        ),
        tests=(f"{FAULTS}test_who_lost_the_lease_or_the_deadline_does_not_send_b6",),
    ),
    _mutant(
        "refund without look-up",
        "a refund that may have been made is asked for again without looking",
        (
            "src/paidthru/actions/send_refund.py",
            "    found = look_up(held, gateway)\n    if found is not None:\n        return found\n",
            "    found = None\n",
        ),
        (
            "src/paidthru/actions/send_refund.py",
            "    if held.sent_before and not held.key_lasts and not (",
            "    if False and not held.key_lasts and not (",
        ),
        tests=("tests/actions/test_refunds.py::test_nothing_is_sent_while_the_look_up_does_not_answer",),
    ),
    _mutant(
        "no sweep",
        "what no event told of is never found",
        (
            "src/paidthru/runs/sweep_times.py",
            "online or organization.forked_from is not None:\n        return None\n",
            "online or True:\n        return None\n",
        ),
        schedules=400,
    ),
    _mutant(
        "five days, then failed",
        "after five days of silence an attempt is closed and its invoice free",
        (
            "src/paidthru/payments/queries/collecting.py",
            "        found = found.filter(next_look_at__lte=due_by)\n",
            (
                "        found = found.filter(next_look_at__lte=due_by)\n"
                "        silent = found.filter(state__in=['submitted', 'unknown'])\n"
                "        for old in silent.filter(submitted_at__lt=due_by - timedelta(days=5)):\n"
                "            IntentInvoice.objects.filter(intent_id=old.intent_id).update(open=False)\n"
                "            type(old.intent).objects.filter(id=old.intent_id).update(state='closed')\n"
                "            Attempt.objects.filter(id=old.id).update(state='canceled', next_look_at=None)\n"
            ),
        ),
        tests=("tests/test_stories.py::test_story[collection/silence_is_not_retried.story]",),
    ),
    _mutant(
        "no second look at the claim",
        "what was paid between submission and sending is charged all the same",
        (
            f"{CHARGE}claiming.py",
            "wanted = owed.get(row.id, 0) >= row.amount and not given_up",
            "wanted = not given_up",
        ),
        tests=(
            "tests/actions/test_money_in.py::test_a_check_between_submission_and_sending_takes_the_charge_back_b18_b24",
        ),
    ),
    _mutant(
        "no lease token",
        "a worker that has lost its lease sends beside the one that has it now",
        (f"{CHARGE}sending.py", " AND a.lease_token = v.lease\n", " AND v.lease IS NOT NULL\n"),
        tests=(f"{FAULTS}test_who_lost_the_lease_or_the_deadline_does_not_send_b6",),
    ),
    _mutant(
        "given up without a fence",
        "what is given up is closed here and left open at the processor",
        (
            f"{CHARGE}sending.py",
            '            return cancel(ref, gateway, key=f"fence:{held.attempt_id}:{held.lease}")\n',
            (
                "            from dataclasses import replace\n\n"
                "            from paidthru.payments.gateway import IntentStatus\n\n"
                "            return replace(gateway.fetch_intent(ref), status=IntentStatus.CANCELED)\n"
            ),
        ),
        schedules=800,
    ),
    _mutant(
        "a review frees the invoice",
        "what waits for a person doesn't keep others from collecting the invoice",
        (
            "src/paidthru/actions/settle.py",
            "                _write([told.row()])\n",
            '                _write([told.row(event="close" if outcome.next is Next.REVIEW else "")])\n',
        ),
        tests=(f"{FAULTS}test_an_answer_about_other_money_is_for_a_person_b35_b37",),
    ),
    _mutant(
        "restored without a freeze",
        "a backup that was restored charges at once",
        (
            "src/paidthru/organizations/queries.py",
            '    return None if row is None else row or "Charging is frozen."\n',
            "    return None\n",
        ),
        tests=(
            "tests/actions/test_restore_drill.py::test_mid_flight_nobody_is_charged_twice_and_nothing_is_lost",
        ),
    ),
    _mutant(
        "money beside is a review",
        "money that a restore put under a row of its own is never booked, and its invoice charged again",
        (
            "src/paidthru/actions/settle.py",
            "(not attempt.rebuilt and _names_another(answer, attempt.intent_id))",
            "_names_another(answer, attempt.intent_id)",
        ),
        tests=(BESIDE,),
    ),
    _mutant(
        "lost is not here",
        "an attempt that stands under another intent is taken for lost",
        (
            "src/paidthru/actions/recover.py",
            "not Attempt.objects.filter(id=named).exists()\n",
            "named not in attempts\n",
        ),
        tests=(BESIDE,),
    ),
)
