"""A stateful stand-in for Stripe: our own HTTP server, faithful where it matters to exactly-once collection.

    from tests.stripe_stand_in import Fate, StripeStandIn

    with StripeStandIn() as desk:                       # 127.0.0.1, a free port, a clock of its own
        client = stripe.StripeClient("sk_test_1", base_addresses={"api": desk.url}, max_network_retries=0)
        customer = client.v1.customers.create({"email": "a@example.org"})
        card = desk.save_method(customer.id, "pm_card_visa")
        ...

Or in a process of its own: `python -m tests.stripe_stand_in --port N [--truth FILE] [--real-clock] …`, then every
method below by name: POST /_control/NAME with a JSON object of its arguments; the reply is its JSON result. GET
works for those that change nothing (/_control/truth, /_control/events, /_control/requests, /_control/now).
Amounts are integer minor units, instants are aware datetimes (or Unix seconds); over HTTP, Unix seconds or ISO 8601.
Objects are plain dicts in Stripe's JSON form, copies: changing one changes nothing here.

StripeStandIn(*, start=2026-03-02T09:00Z, account="acct_standin", country="US", currency="usd",
              display_name="Stand-in Association", port=0, seed=0, truth_file=None, real_clock=False,
              confirm_metadata="refuse")
    A context manager; or .start() and .stop(). With `real_clock` its clock runs on from `start` (default: now).
    Ids come from `seed` and `account`: give two stand-ins that share a database two accounts.
    `confirm_metadata`: Stripe's confirm takes no `metadata` (the SDK's PaymentIntentConfirmParams has none; a
    request with it is answered 400 parameter_unknown). What does work: update the intent's metadata, then confirm;
    a charge carries the snapshot of the metadata as they were when it was made (`latest_charge.metadata`).
    "merge" makes confirm take them instead, merged when the confirmation takes effect.
    Endive, the pinned version, takes no `payment_method_types` either (400 payment_method_types_no_longer_supported):
    `allowed_payment_method_types` narrows what the currency allows. An intent without it that is confirmed on session
    needs a `return_url`. Sessions' `ui_mode` is "hosted_page" (no longer "hosted").
.url  .port  .account_id        http://127.0.0.1:PORT; any key sk_test_…, rk_test_…, sk_live_…, rk_live_… is let in

Clock: nothing happens by itself, only when the clock is moved (debits clear, refunds and payouts arrive, late
requests land, sessions expire, keys are pruned after 24 h, late webhooks leave).
.now() -> datetime              .set_clock(at)              .advance(*, seconds=0, minutes=0, hours=0, days=0)
    Over HTTP: POST /_control/clock {"at": …} or {"seconds": …, "days": …}.

Ways to pay (test tokens: see catalogue.py; pm_card_visa, pm_card_visa_chargeDeclinedInsufficientFunds,
pm_card_authenticationRequired, pm_usBankAccount_success, pm_usBankAccount_accountClosed, pm_sepaDebit_success …):
.save_method(customer, token, *, livemode=False, fingerprint=None, exp_month=None, exp_year=None) -> PaymentMethod
    As if the member had saved it: attached, set up off session, a bank account with its mandate. Each has a
    fingerprint of its own unless one is given (Stripe gives the same test number the same fingerprint; the tokens
    used through the API do so).
.script_method(payment_method, outcome, *, since=None)
    From `since` (default: now) on it behaves so: "succeed", "authenticate", any decline code of cards
    ("insufficient_funds", "stolen_card", …) or failure code of debits ("insufficient_funds", "account_closed",
    "debit_not_authorized", an R-code "R01", …), "dispute" (debits: cleared, then returned), "never" (stays processing);
    "refund_fails", "refund_pends" (charged; its refunds do so).
.update_card(payment_method, *, exp_month=None, exp_year=None, last4=None, fingerprint=None) -> PaymentMethod
    The card account updater: event payment_method.automatically_updated.
.complete_setup(setup_intent, token) -> SetupIntent         .fail_setup(setup_intent, code="card_declined")
.complete_session(session, token="pm_card_visa") -> Session  the member fills in the hosted page (also GET/POST its url)

Intents:
.authenticate(payment_intent, succeed=True) -> PaymentIntent   the payer answers the bank's question
.clear_debit(payment_intent)    .fail_debit(payment_intent, code="insufficient_funds")      now, not in some days
.receive_only(payment_intent, amount)        its next success takes only this much
Refunds:
.settle_refund(refund)          .fail_refund(refund, reason="expired_or_canceled_card")
Disputes (of = a payment intent's or a charge's id):
.dispute(of, *, amount=None, reason="fraudulent", inquiry=False, fee=1500) -> Dispute
.return_debit(of, *, reason="insufficient_funds", network_code=None, fee=1500) -> Dispute     late return, lost at once
.close_dispute(dispute, status="won", *, reinstated=None) -> Dispute     "won" or "lost"; reinstated: part of it
Payouts:
.pay_out(*, currency=None, livemode=False, arrives_in_days=2) -> Payout  of all that is available and not paid out
.arrive_payout(payout)          .fail_payout(payout, code="account_closed")

Objects:
.object(id) -> dict             any object as it is now             .objects(kind) -> list of dicts, oldest first
    kinds: customer payment_method mandate setup_intent checkout.session payment_intent charge refund dispute
    balance_transaction payout event
.set_account(**fields)          charges_enabled=False, country=…, display_name=…    what GET /v1/account answers
.settings(**fields)             confirmation_limit=10, search_lag=60, debit_days=4, refund_days=5, card_fee=(30, 29),
                                debit_fee=(0, 8), debit_fee_cap=500, available_days=2, balance_lag=0
    Fees: a fixed part and per mille. balance_lag: seconds till a card's charge has its balance_transaction (with
    Stripe's asynchronous capture it is null at first, and charge.updated tells when it is there).

Events:
.events(type=None, *, object_id=None, after=None) -> list of Event dicts, oldest first; after: an event id
.deliver(event, *, at=None, tamper=None, secret=None) -> (body bytes, "Stripe-Signature" header)
    Signed as if sent at `at` (default: the stand-in's clock). event: an id or a dict. tamper: "body" (changed after
    signing), "signature", "secret" (signed with another), "scheme" (v0 only), "no_timestamp", "truncated".
.deliveries(*, seed=0, lose=0.0, twice=0.0, shuffle=True, after=None, at=None) -> list of (body, header)
    All events, shuffled, some lost or repeated.
.webhook_to(url, *, secret="whsec_standin", old_secret=None, mode="at_once", delay=0, types=None, livemode=False,
            stamp="clock")
    Sends new events there: "at_once" (a thread of its own), "before_reply" (first the event, then the API's reply),
    "late" (`delay` seconds of its clock), "twice", "held" (till .send_held), "never". Other answers than 2xx are sent
    again for three days. `old_secret`: rotation, both sign. stamp="real": signed with the machine's time.
.send_held(*, shuffle_seed=None)      .drain(timeout=10)  waits till nothing is under way     .secret -> the default

Faults (Fate is an enum whose values are the names in lower case, also usable as strings):
    LOST_REQUEST LOST_REPLY LATE RATE_LIMITED LOCK_TIMEOUT SERVER_ERROR SERVER_ERROR_AFTER UNAUTHORIZED FORBIDDEN
    SLOW_BODY TRUNCATED HTML HUGE WRONG_AMOUNT WRONG_CURRENCY WRONG_CUSTOMER WRONG_MODE HANG HOLD_REPLY
.fate(fate, method=None, path="*", *, times=1, skip=0, delay=0, status=500, stored=True, retry_after=1)
    The next `times` (None: all) requests that match (path: a pattern such as "/v1/payment_intents/*/confirm").
    LATE: closed unanswered, takes effect `delay` seconds of its clock later. SERVER_ERROR: without effect,
    SERVER_ERROR_AFTER: with it; `stored`: the error is kept under the key and replayed. HANG: nothing till .release().
    HOLD_REPLY: the effect at once, the reply at .release().
.random_fates(seed, weights, *, path="*", method=None, delay=3600)      weights: {Fate: probability}, sum <= 1
    Drawn from the seed, the idempotency key (or path) and how often it came, so not from threads' luck.
.calm()                         forgets fates, latency and limits            .release()  lets held and hanging go on
.wait_until_holding(count=1, timeout=10)    till so many requests hang or are held
.latency(ms)                    a real wait before each request is worked on (benchmarks)
.limits(per_endpoint=25, overall=100)    token buckets a second, by real time; .limits(None, None) is off (default)
.revoke_key(api_key)            401 from now on               .restrict_key(api_key)   403 from now on
.hold_key(idempotency_key)      409 idempotency_key_in_use till .release_key(idempotency_key)
.before_effect, .before_reply   hooks, callables of Seen (in process), run in the server's thread, no lock held

What was asked and what took place:
.requests(path="*", method=None) -> list of Seen (n, at, method, path, params, key, api_key, version, account, fate,
    status, replayed); status 0: the connection was closed instead
.truth() -> list of Movement (n, at, kind, amount, currency, livemode, object, payment_intent, charge, customer,
    metadata), append-only: charge, refund, refund_failed, dispute, dispute_reinstated, payout, payout_failed.
    Amounts are signed as the account's balance moves, fees apart. A debit is a `charge` when it clears.
.check() -> None                raises AssertionError if books and truth of the stand-in itself disagree
.stop() (and leaving the context) raises AssertionError too when a request failed by a mistake of the stand-in's own.

A token that declines (pm_card_visa_chargeDeclined…) declines when it is attached or set up too, as at Stripe; to have
it saved use .save_method, or pm_card_chargeCustomerFail. Bank debits need a mandate: from a setup, .save_method, or
`mandate_data` of the confirmation. After a return other than for want of funds the account is blocked.

Where things are: server (start, stop, clock), banking, faulting, telling (the controls above), control and __main__
(from other processes); door → reception (faults) → api → routes → customers, methods, setups, sessions, intents,
confirming, debits, charges, refunds, disputes, payouts, books (balance transactions, balance, account), search,
event_log; beneath: account, tables, clock, keys, fates, buckets, webhooks, pages, truth; facts: catalogue, declines,
kinds, errors.
"""

from tests.stripe_stand_in.fates import Fate
from tests.stripe_stand_in.requests_seen import Seen
from tests.stripe_stand_in.server import StripeStandIn
from tests.stripe_stand_in.truth import Movement

__all__ = ["Fate", "Movement", "Seen", "StripeStandIn"]
