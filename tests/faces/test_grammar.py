"""The grammar of stories: every form and every option, and what a story that cannot be read is told."""

import textwrap
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, time
from pathlib import Path

import pytest

from paidthru.faces.stories import dunning_forms as d
from paidthru.faces.stories import expectation_forms as e
from paidthru.faces.stories import household_forms as h
from paidthru.faces.stories import joining_forms as j
from paidthru.faces.stories import setup_forms as s
from paidthru.faces.stories import ticket_forms as t
from paidthru.faces.stories.billing_forms import (
    StaffAssesses,
    StaffCreditsInvoice,
    StaffGeneratesRenewals,
    StaffInvoices,
    StaffLevies,
    StaffPostsBatch,
    StaffPreviewsRenewals,
    StaffRetrieves,
    StaffReviews,
    StaffSendsInvoice,
    StaffSubmits,
    StaffTransfersUnit,
    StaffVoidsInvoice,
    StaffWritesOffInvoice,
)
from paidthru.faces.stories.example_forms import StaffKeepsExamples
from paidthru.faces.stories.forms import EXPECTATIONS, SETUP, STEPS, Expectation, Line, SetupLine, Step
from paidthru.faces.stories.gateway_forms import (
    GatewayAccepts,
    GatewayAnswers,
    GatewayAsks,
    GatewayDecides,
    GatewayDeclines,
    GatewayDisputes,
    GatewayIsSilent,
    GatewayReturns,
    GatewaySendsTwice,
    WorkerStarts,
    WorkerStops,
)
from paidthru.faces.stories.grammar import Story, StoryError, forms, parse, parse_file
from paidthru.faces.stories.money_forms import (
    MemberPaysOnAccount,
    MemberPaysParts,
    StaffAppliesCredit,
    StaffUnapplies,
)
from paidthru.faces.stories.policy_forms import (
    PolicyIs,
    StaffSetsPolicy,
    StaffUnsetsPolicy,
    StaffWithdrawsPolicyChange,
)
from paidthru.faces.stories.refund_forms import (
    GatewayAnswersRefund,
    GatewayRefunds,
    RefundIs,
    StaffApprovesRefund,
    StaffTurnsDownRefund,
)
from paidthru.faces.stories.retry_forms import InvoiceWaits, MemberRenewsCard, WaitingListIs
from paidthru.faces.stories.step_forms import (
    MemberAddsBankAccount,
    MemberCancels,
    MemberDonates,
    MemberJoins,
    MemberPaysAmount,
    MemberPaysInvoice,
    MemberPledges,
    MemberRemovesPaymentMethod,
    MemberSwitches,
    MemberUndoesCancellation,
    MemberUpdatesCard,
    MemberVisits,
    StaffAllowsAnotherAttempt,
    StaffCancels,
    StaffChangesPrice,
    StaffCharges,
    StaffMarksCyclePaid,
    StaffRecordsRefund,
    StaffRefunds,
    StaffReversesPayment,
    StaffSetsActive,
    StaffSetsPaymentReason,
    StaffSetsRenewalDate,
    StaffSwitches,
    VisitorDonates,
    VisitorPaysInvoice,
    VisitorVisits,
)
from paidthru.faces.stories.values import (
    AmountText,
    AttemptText,
    Call,
    Every,
    InvoiceItem,
    LedgerRow,
    MailCount,
    PolicyText,
    Recipient,
    Window,
    YearMonth,
)

WORKED_EXAMPLE = """\
story: A late payer's term starts again          # title, required, first line
shows: G-31 G-33                                 # requirement ids, optional

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
policy term.late_payment = restart_after_grace(3, 15)
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2010-01-01, paid through 2017-12-31

2017-12-20
  staff generates renewals "2018" effective 2018-01-01
  = Ann renewed through 2018-12-31
  = Ann paid through 2017-12-31

2018-04-15
  Ann pays 100.00 by check
  = Ann term 2018-05-01 to 2019-04-30
  = Ann paid through 2019-04-30
"""

HEAD = "story: T\norganization Maple Club: preset recommended\n"


def day(iso: str) -> date:
    return date.fromisoformat(iso)


def usd(text: str) -> AmountText:
    return AmountText(text, None)


JAN = day("2026-01-01")
FEB = day("2026-02-01")
MAR = day("2026-03-31")


def story_of(text: str) -> Story:
    return parse(textwrap.dedent(text).lstrip("\n"), "club.story")


def setup_line(text: str) -> SetupLine:
    head = "story: T\n" if text.startswith("organization") else HEAD
    return parse(f"{head}{text}\n").setup[-1]


def item(text: str) -> Step | Expectation:
    (block,) = parse(f"{HEAD}2026-01-01\n  {text}\n").blocks
    (only,) = block.items
    return only


def check(line: Line, text: str, cls: type[Line], given: Mapping[str, object]) -> None:
    """The line is of this form, has these fields, and every other field is at its default."""
    assert type(line) is cls
    assert line.text == text
    defaults = {field.name: field.default for field in fields(cls)}
    assert {name: getattr(line, name) for name in defaults} == {
        **defaults,
        **given,
        "line": line.line,
        "text": line.text,
    }


# ---------------------------------------------------------------- the whole


def test_the_worked_example() -> None:
    story = parse(WORKED_EXAMPLE, "late.story")
    assert (story.file, story.title, story.shows) == (
        "late.story",
        "A late payer's term starts again",
        ("G-31", "G-33"),
    )
    assert [type(line) for line in story.setup] == [
        s.OrganizationSetup,
        s.PolicySetup,
        s.PolicySetup,
        s.PlanSetup,
        s.MemberSetup,
    ]
    assert story.organization.name == "Maple Club"
    first, second = story.blocks
    assert (first.on, first.at, first.line, first.text) == (day("2017-12-20"), None, 10, "2017-12-20")
    assert first.items == (
        StaffGeneratesRenewals(
            line=11,
            text='staff generates renewals "2018" effective 2018-01-01',
            run="2018",
            effective=day("2018-01-01"),
        ),
        e.MemberRenewedThrough(
            line=12, text="= Ann renewed through 2018-12-31", member="Ann", on=day("2018-12-31")
        ),
        e.MemberPaidThrough(
            line=13, text="= Ann paid through 2017-12-31", member="Ann", on=day("2017-12-31")
        ),
    )
    assert [type(thing) for thing in second.items] == [MemberPaysAmount, e.MemberTerm, e.MemberPaidThrough]


def test_a_file_is_read_with_byte_order_mark_crlf_tabs_and_trailing_blanks(tmp_path: Path) -> None:
    path = tmp_path / "late.story"
    written = WORKED_EXAMPLE.replace("  = ", "\t=\t").replace(" by check", "  by \t check  \t")
    path.write_bytes(b"\xef\xbb\xbf" + written.replace("\n", "\r\n\r\n").encode())
    story = parse_file(path)
    plain = parse(WORKED_EXAMPLE)
    assert [[type(thing) for thing in block.items] for block in story.blocks] == [
        [type(thing) for thing in block.items] for block in plain.blocks
    ]
    assert story.file == str(path)
    path.write_bytes(WORKED_EXAMPLE.encode("utf-16"))
    assert parse_file(path).title == plain.title


def test_comments_end_at_the_line_and_do_not_start_inside_quotes() -> None:
    story = story_of(
        """
        # before the title
        story: Quotes  # not part of it
        organization Maple Club: preset recommended# a comment needs no space
        2026-01-01 # new year
          # alone
          staff charges Ann 20.00 for "Key #3" # a key
        """
    )
    (charge,) = story.blocks[0].items
    assert story.title == "Quotes"
    assert isinstance(charge, StaffCharges)
    assert (charge.reason, charge.text) == ("Key #3", 'staff charges Ann 20.00 for "Key #3"')


@pytest.mark.parametrize(
    "written",
    ["shows: G-31 G-33", "shows: G-31, G-33", "shows:G-31  G-33 # both", "shows: G-31\nshows: G-33"],
)
def test_shows_lists_requirement_ids(written: str) -> None:
    assert parse(f"story: T\n{written}\norganization A: preset recommended\n").shows == ("G-31", "G-33")


def test_blocks_have_a_time_or_a_day_alone() -> None:
    story = parse(HEAD + "2026-01-01\n  worker stops\n2026-01-01 10:20\n  worker starts\n2026-01-01 10:20\n")
    assert [(block.on, block.at, len(block.items)) for block in story.blocks] == [
        (JAN, None, 1),
        (JAN, time(10, 20), 1),
        (JAN, time(10, 20), 0),
    ]


def test_a_day_may_be_named_again_without_a_time() -> None:
    story = parse(HEAD + "2026-01-01\n  = no attempts Ann\n2026-01-01\n  Ann cancels\n")
    assert [block.on for block in story.blocks] == [JAN, JAN]


# ---------------------------------------------------------------- names and amounts


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ann", "Ann"),
        ("O'Brien", "O'Brien"),
        ("ann@example.org", "ann@example.org"),
        ("42", "42"),
        ("Émile", "Émile"),
        ('"Ann Lee"', "Ann Lee"),
        ("Ann Lee", "Ann Lee"),
        ('"Lee, Ann: the  # 1st -> (x)"', "Lee, Ann: the  # 1st -> (x)"),
        (r'"Ann \"Ace\" Lee \\"', r'Ann "Ace" Lee ' + "\\"),
        ("“Ann Lee”", "Ann Lee"),
        ('"staff"', "staff"),
        ("staffan", "staffan"),
    ],
)
def test_a_name_is_one_word_or_quoted(written: str, name: str) -> None:
    cancels = item(f"{written} cancels")
    assert isinstance(cancels, MemberCancels)
    assert cancels.member == name


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("100.00", AmountText("100.00", None)),
        ("100.00 EUR", AmountText("100.00", "EUR")),
        ("1000 JPY", AmountText("1000", "JPY")),
        ("-5.00", AmountText("-5.00", None)),
        ("0.005 KWD", AmountText("0.005", "KWD")),
    ],
)
def test_an_amount_is_kept_as_written(written: str, amount: AmountText) -> None:
    owes = item(f"= Ann owes {written}")
    assert isinstance(owes, e.MemberOwes)
    assert owes.amount == amount


# ---------------------------------------------------------------- setup

Case = tuple[str, type[Line], Mapping[str, object]]

SETUP_CASES: list[Case] = [
    ("billing contact Ann", j.BillingContactSetup, {"member": "Ann"}),
    (
        "organization Maple Club: preset association",
        s.OrganizationSetup,
        {"name": "Maple Club", "preset": "association"},
    ),
    (
        (
            'organization "St. Mary\'s: East": preset ams_hoa, starts 2026-01-01, fiscal year starts 7,'
            " locale de-CH, zone Europe/Zurich, currency CHF"
        ),
        s.OrganizationSetup,
        {
            "name": "St. Mary's: East",
            "preset": "ams_hoa",
            "currency": "CHF",
            "zone": "Europe/Zurich",
            "locale": "de-CH",
            "fiscal_year_starts": 7,
            "starts": JAN,
        },
    ),
    (
        "policy term.basis = anniversary",
        s.PolicySetup,
        {"key": "term.basis", "value": PolicyText("anniversary", "anniversary")},
    ),
    (
        "plan Regular: 100.00 every year",
        s.PlanSetup,
        {"name": "Regular", "price": usd("100.00"), "every": Every(1, "year")},
    ),
    (
        (
            "plan Gold Plus: 1000 JPY every 2 weeks, prepaid, pay as you go, non-recurring, default,"
            ' includes 4 visits, prorate months, tax VAT, income Income:Dues, fund "Building fund",'
            " trial 14 days, interval 6 months, currency JPY, seats 5, closed"
        ),
        s.PlanSetup,
        {
            "name": "Gold Plus",
            "price": AmountText("1000", "JPY"),
            "every": Every(2, "week"),
            "prepaid": True,
            "pay_as_you_go": True,
            "non_recurring": True,
            "default": True,
            "included_visits": 4,
            "prorate": "months",
            "tax": "VAT",
            "income": "Income:Dues",
            "fund": "Building fund",
            "trial_days": 14,
            "interval_months": 6,
            "currency": "JPY",
            "seats": 5,
            "closed": True,
        },
    ),
    (
        'plan Half: 200.00 every month, prorate table "By month"',
        s.PlanSetup,
        {
            "name": "Half",
            "price": usd("200.00"),
            "every": Every(1, "month"),
            "prorate_table": "By month",
        },
    ),
    ("plan Guest: free", s.PlanSetup, {"name": "Guest", "price": None}),
    (
        'plan "Community Member": free, default',
        s.PlanSetup,
        {"name": "Community Member", "price": None, "default": True},
    ),
    (
        "plan Pass: 25.00, non-recurring",
        s.PlanSetup,
        {"name": "Pass", "price": usd("25.00"), "non_recurring": True},
    ),
    (
        "fee Chapter: 15.00 on Regular",
        s.FeeSetup,
        {"name": "Chapter", "amount": usd("15.00"), "plan": "Regular"},
    ),
    (
        "fee Gift: 0.00 on Gold, voluntary, complimentary",
        s.FeeSetup,
        {
            "name": "Gift",
            "amount": usd("0.00"),
            "plan": "Gold",
            "voluntary": True,
            "complimentary": True,
        },
    ),
    (
        "prorate P: 12 factors, month 1 first: 1.00 0.92 0.83 0.75 0.67 0.58 0.50 0.42 0.33 0.25 0.17 0.08",
        s.ProrateSetup,
        {
            "name": "P",
            "factors": (
                "1.00",
                "0.92",
                "0.83",
                "0.75",
                "0.67",
                "0.58",
                "0.50",
                "0.42",
                "0.33",
                "0.25",
                "0.17",
                "0.08",
            ),
        },
    ),
    ("tax VAT: 20% exclusive", s.TaxSetup, {"name": "VAT", "rate": "20", "mode": "exclusive"}),
    (
        "tax Sales tax: 8.875 % inclusive",
        s.TaxSetup,
        {"name": "Sales tax", "rate": "8.875", "mode": "inclusive"},
    ),
    (
        "visit price Any: non-member 15.00, overage 10.00",
        s.VisitPriceSetup,
        {"name": "Any", "non_member": usd("15.00"), "overage": usd("10.00")},
    ),
    (
        "visit price Day: non-member 15.00, overage 10.00, Mon-Fri 09:00-17:30",
        s.VisitPriceSetup,
        {
            "name": "Day",
            "non_member": usd("15.00"),
            "overage": usd("10.00"),
            "windows": (Window((0, 1, 2, 3, 4), 540, 1050),),
        },
    ),
    (
        "visit price Rest: non-member 5.00, overage 3.00, Sat, Sun 00:00-24:00, Fri-Mon 20:00-22:00",
        s.VisitPriceSetup,
        {
            "name": "Rest",
            "non_member": usd("5.00"),
            "overage": usd("3.00"),
            "windows": (Window((5, 6), 0, 1440), Window((0, 4, 5, 6), 1200, 1320)),
        },
    ),
    ("member Ann", s.MemberSetup, {"name": "Ann"}),
    (
        (
            'member "Ann Lee": type Student, plan Gold, joined 2026-01-01, cycle started 2026-01-01,'
            " next renewal 2026-02-01, paid through 2026-03-31, by card, interval 3 months, autopay on,"
            " email ann@example.org, currency EUR, household Lee, card expires 2026-03"
        ),
        s.MemberSetup,
        {
            "name": "Ann Lee",
            "type": "Student",
            "plan": "Gold",
            "joined": JAN,
            "cycle_started": JAN,
            "next_renewal": FEB,
            "paid_through": MAR,
            "method": "card",
            "interval_months": 3,
            "autopay": True,
            "email": "ann@example.org",
            "currency": "EUR",
            "household": "Lee",
            "card_expires": YearMonth(2026, 3),
        },
    ),
    (
        "member Bob: autopay off, by bank account",
        s.MemberSetup,
        {"name": "Bob", "autopay": False, "method": "bank account"},
    ),
    ("member Cay: no method", s.MemberSetup, {"name": "Cay", "method": "no method"}),
    (
        "member Dee: by no method, plan Gold",
        s.MemberSetup,
        {"name": "Dee", "method": "no method", "plan": "Gold"},
    ),
    ("unit 3B: share 12", s.UnitSetup, {"name": "3B", "share": 12}),
    ('unit "Lot 4": share 1, owner Ann', s.UnitSetup, {"name": "Lot 4", "share": 1, "owner": "Ann"}),
    ("campaign Roof: goal 5000.00", s.CampaignSetup, {"name": "Roof", "goal": usd("5000.00")}),
    (
        "campaign New Roof: goal 5000.00 from 2026-01-01 to 2026-03-31",
        s.CampaignSetup,
        {"name": "New Roof", "goal": usd("5000.00"), "starts": JAN, "ends": MAR},
    ),
    (
        "ticket event Ball: 20.00, 3 places, on 2026-03-31",
        t.TicketEventSetup,
        {"name": "Ball", "price": usd("20.00"), "capacity": 3, "starts": MAR},
    ),
    (
        "ticket event Talk: 0.00, 1 place",
        t.TicketEventSetup,
        {"name": "Talk", "price": usd("0.00"), "capacity": 1},
    ),
    ("billing cycle A: types Regular", s.BillingCycleSetup, {"name": "A", "types": ("Regular",)}),
    (
        'billing cycle Cycle A: types Regular, "Past president"',
        s.BillingCycleSetup,
        {"name": "Cycle A", "types": ("Regular", "Past president")},
    ),
]


@pytest.mark.parametrize(("text", "cls", "given"), SETUP_CASES, ids=[case[0][:60] for case in SETUP_CASES])
def test_setup(text: str, cls: type[Line], given: Mapping[str, object]) -> None:
    check(setup_line(text), text, cls, given)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("off", "off"),
        ("30", 30),
        ("-14", -14),
        ("5.00", "5.00"),
        ('"two words"', "two words"),
        ("[0, 1, 3, 3]", (0, 1, 3, 3)),
        ("[0,1,3,3]", (0, 1, 3, 3)),
        ("[]", ()),
        ("lapse(30)", Call("lapse", (30,))),
        ("restart_after_grace(3, 15)", Call("restart_after_grace", (3, 15))),
        ("monthly(5.00, 10, 50.00)", Call("monthly", ("5.00", 10, "50.00"))),
        ("once(25.00 EUR, 10)", Call("once", ("25.00 EUR", 10))),
        ('downgrade("Community Member")', Call("downgrade", ("Community Member",))),
        ("downgrade(Community Member)", Call("downgrade", ("Community Member",))),
        ("[lapse(30), [1, x]]", (Call("lapse", (30,)), (1, "x"))),
    ],
)
def test_policy_values(written: str, value: object) -> None:
    setup = setup_line(f"policy some.key = {written}")
    assert isinstance(setup, s.PolicySetup)
    assert setup.value.value == value
    step = item(f"staff sets policy some.key={written} -> refused policy_conflict")
    assert isinstance(step, StaffSetsPolicy)
    assert (step.key, step.value.value, step.refused) == ("some.key", value, "policy_conflict")


# ---------------------------------------------------------------- steps

RUN = {"run": "2018", "effective": JAN}

STEP_CASES: list[Case] = [
    ("Ann joins Gold through link", j.MemberJoinsThroughLink, {"member": "Ann", "plan": "Gold"}),
    (
        "Ann joins Gold through link by bank account",
        j.MemberJoinsThroughLink,
        {"member": "Ann", "plan": "Gold", "method": "bank account"},
    ),
    ("staff closes Gold link", j.StaffClosesLink, {"plan": "Gold"}),
    ('staff sends renewal notices "2026"', j.StaffSendsNotices, {"run": "2026"}),
    ("staff corrects payment 2 to 30.00", j.StaffCorrectsPayment, {"payment": 2, "amount": usd("30.00")}),
    (
        "staff corrects payment 2 to 30.00 by cash",
        j.StaffCorrectsPayment,
        {"payment": 2, "amount": usd("30.00"), "method": "cash"},
    ),
    (
        "Bob pays 30.00 by check for Ann",
        j.PayerPays,
        {"payer": "Bob", "amount": usd("30.00"), "method": "check", "member": "Ann"},
    ),
    ("staff pauses Ann until 2026-03-12", d.StaffPauses, {"member": "Ann", "until": date(2026, 3, 12)}),
    ("staff resumes Ann", d.StaffResumes, {"member": "Ann"}),
    ("staff skips next step of Ann", d.StaffSkips, {"member": "Ann"}),
    (
        "staff arranges Ann pays 30.00 by 2026-03-10, 60.00 by 2026-03-20",
        d.StaffArranges,
        {
            "member": "Ann",
            "parts": ((usd("30.00"), date(2026, 3, 10)), (usd("60.00"), date(2026, 3, 20))),
        },
    ),
    (
        'staff closes case of Ann because "moved away"',
        d.StaffClosesCase,
        {"member": "Ann", "reason": "moved away"},
    ),
    ("staff lets open cases adopt the ladder", d.StaffAdopts, {}),
    ("Ann joins Gold", MemberJoins, {"member": "Ann", "plan": "Gold"}),
    ("Ann joins Gold by check", MemberJoins, {"member": "Ann", "plan": "Gold", "method": "check"}),
    ("Ann joins Gold by cash", MemberJoins, {"member": "Ann", "plan": "Gold", "method": "cash"}),
    (
        "Ann joins Gold by bank account",
        MemberJoins,
        {"member": "Ann", "plan": "Gold", "method": "bank account"},
    ),
    (
        "Ann joins Gold by card starting 2026-02-01, current cycle paid, prorated",
        MemberJoins,
        {
            "member": "Ann",
            "plan": "Gold",
            "method": "card",
            "starting": FEB,
            "current_cycle_paid": True,
            "prorated": True,
        },
    ),
    (
        'Ann joins "Gold Plus", prorated, by card',
        MemberJoins,
        {"member": "Ann", "plan": "Gold Plus", "method": "card", "prorated": True},
    ),
    ("Ann cancels", MemberCancels, {"member": "Ann"}),
    ("Ann cancels on 2026-02-01", MemberCancels, {"member": "Ann", "on": FEB}),
    ("Ann undoes cancellation", MemberUndoesCancellation, {"member": "Ann"}),
    ("staff cancels Ann", StaffCancels, {"member": "Ann"}),
    ("staff cancels Ann on 2026-02-01", StaffCancels, {"member": "Ann", "on": FEB}),
    ("Ann switches to Gold", MemberSwitches, {"member": "Ann", "plan": "Gold"}),
    ("staff switches Ann to Gold", StaffSwitches, {"member": "Ann", "plan": "Gold"}),
    ("Ann updates card", MemberUpdatesCard, {"member": "Ann"}),
    ("Ann adds bank account", MemberAddsBankAccount, {"member": "Ann"}),
    ("Ann removes payment method", MemberRemovesPaymentMethod, {"member": "Ann"}),
    ("Ann pays invoice 1", MemberPaysInvoice, {"member": "Ann", "invoice": 1}),
    ("Ann pays invoice 1 by card", MemberPaysInvoice, {"member": "Ann", "invoice": 1, "method": "card"}),
    (
        "Ann pays invoice 12 by bank account",
        MemberPaysInvoice,
        {"member": "Ann", "invoice": 12, "method": "bank account"},
    ),
    (
        "Ann pays 80.00 by check",
        MemberPaysAmount,
        {"member": "Ann", "amount": usd("80.00"), "method": "check"},
    ),
    ("Ann pays 80.00 by cash", MemberPaysAmount, {"member": "Ann", "amount": usd("80.00"), "method": "cash"}),
    (
        "Ann pays 80.00 EUR by transfer for invoice 1",
        MemberPaysAmount,
        {"member": "Ann", "amount": AmountText("80.00", "EUR"), "method": "transfer", "invoice": 1},
    ),
    (
        "Ann pays 80.00 for invoice 1 by check",
        MemberPaysAmount,
        {"member": "Ann", "amount": usd("80.00"), "method": "check", "invoice": 1},
    ),
    ("visitor pays invoice 1", VisitorPaysInvoice, {"invoice": 1}),
    ("visitor pays invoice 1 by card", VisitorPaysInvoice, {"invoice": 1, "method": "card"}),
    ('staff generates renewals "2018" effective 2026-01-01', StaffGeneratesRenewals, RUN),
    (
        'staff generates renewals "2018" effective 2026-01-01 autopay only for "Set A" bill date 2026-02-01',
        StaffGeneratesRenewals,
        {**RUN, "autopay_only": True, "billing_cycle": "Set A", "bill_date": FEB},
    ),
    (
        'staff generates renewals "2018" effective 2026-01-01, bill date 2026-02-01, for A, autopay only',
        StaffGeneratesRenewals,
        {**RUN, "autopay_only": True, "billing_cycle": "A", "bill_date": FEB},
    ),
    ('staff previews renewals "2018" effective 2026-01-01', StaffPreviewsRenewals, RUN),
    (
        'staff previews renewals "2018" effective 2026-01-01 autopay only',
        StaffPreviewsRenewals,
        {**RUN, "autopay_only": True},
    ),
    ('staff reviews "2018"', StaffReviews, {"run": "2018"}),
    ("staff posts batch 1", StaffPostsBatch, {"batch": 1}),
    ('staff posts batch "1"', StaffPostsBatch, {"batch": "1"}),
    ('staff posts "Dues 2018"', StaffPostsBatch, {"batch": "Dues 2018"}),
    ("staff submits invoices", StaffSubmits, {}),
    ("staff submits invoices due by 2026-01-01", StaffSubmits, {"due_by": JAN}),
    (
        "staff submits invoices due by 2026-01-01 name contains Ann",
        StaffSubmits,
        {"due_by": JAN, "name_contains": "Ann"},
    ),
    (
        'staff submits invoices due by 2026-01-01, name contains "van der"',
        StaffSubmits,
        {"due_by": JAN, "name_contains": "van der"},
    ),
    ("staff retrieves payments", StaffRetrieves, {}),
    ("staff marks Ann cycle paid by check", StaffMarksCyclePaid, {"member": "Ann", "method": "check"}),
    ("staff marks Ann cycle paid by cash", StaffMarksCyclePaid, {"member": "Ann", "method": "cash"}),
    (
        "staff marks Ann cycle paid by terminal 50.00",
        StaffMarksCyclePaid,
        {"member": "Ann", "method": "terminal", "amount": usd("50.00")},
    ),
    (
        'staff charges Ann 20.00 for "Lost key"',
        StaffCharges,
        {"member": "Ann", "amount": usd("20.00"), "reason": "Lost key"},
    ),
    (
        (
            'staff invoices "Bob <bob@example.org>": 2 x 12.50 "Chairs" tax VAT, 1 x 5.00 "Post"'
            " due 2026-02-01 every month draft"
        ),
        StaffInvoices,
        {
            "recipient": Recipient("Bob", "bob@example.org"),
            "items": (
                InvoiceItem(2, usd("12.50"), "Chairs", "VAT"),
                InvoiceItem(1, usd("5.00"), "Post", None),
            ),
            "due": FEB,
            "every": "month",
            "draft": True,
        },
    ),
    (
        'staff invoices Ann: 1 x 5.00 EUR "Post, and packing"',
        StaffInvoices,
        {
            "recipient": Recipient("Ann", None),
            "items": (InvoiceItem(1, AmountText("5.00", "EUR"), "Post, and packing", None),),
        },
    ),
    (
        'staff invoices "Ann Lee": 3 × 5.00 "Chairs" tax "Sales tax", draft, every year',
        StaffInvoices,
        {
            "recipient": Recipient("Ann Lee", None),
            "items": (InvoiceItem(3, usd("5.00"), "Chairs", "Sales tax"),),
            "every": "year",
            "draft": True,
        },
    ),
    ("staff sends invoice 1", StaffSendsInvoice, {"invoice": 1}),
    ("staff voids invoice 1", StaffVoidsInvoice, {"invoice": 1}),
    ('staff voids invoice 1 because "Twice"', StaffVoidsInvoice, {"invoice": 1, "reason": "Twice"}),
    (
        'staff voids invoice 1 20.00 because "Twice"',
        StaffVoidsInvoice,
        {"invoice": 1, "amount": usd("20.00"), "reason": "Twice"},
    ),
    ('staff sends invoice 1 because "Lost"', StaffSendsInvoice, {"invoice": 1, "reason": "Lost"}),
    ("staff writes off invoice 1", StaffWritesOffInvoice, {"invoice": 1}),
    (
        'staff writes off invoice 1 20.00 because "Moved away"',
        StaffWritesOffInvoice,
        {"invoice": 1, "amount": usd("20.00"), "reason": "Moved away"},
    ),
    ("staff credits invoice 1", StaffCreditsInvoice, {"invoice": 1}),
    ("staff credits invoice 1 20.00", StaffCreditsInvoice, {"invoice": 1, "amount": usd("20.00")}),
    ('staff credits invoice 1 because "Error"', StaffCreditsInvoice, {"invoice": 1, "reason": "Error"}),
    ("staff refunds payment 1", StaffRefunds, {"payment": 1}),
    ("staff refunds payment 1 30.00", StaffRefunds, {"payment": 1, "amount": usd("30.00")}),
    (
        "staff records refund of payment 1 30.00 by check",
        StaffRecordsRefund,
        {"payment": 1, "amount": usd("30.00"), "method": "check"},
    ),
    ("staff approves refund 1", StaffApprovesRefund, {"refund": 1}),
    ("staff approves refund 1 as Bea", StaffApprovesRefund, {"refund": 1, "who": "Bea"}),
    ("staff turns down refund 1 as Bea", StaffTurnsDownRefund, {"refund": 1, "who": "Bea"}),
    (
        "gateway answers refund of payment 1 failed account_closed",
        GatewayAnswersRefund,
        {"payment": 1, "outcome": "failed", "code": "account_closed"},
    ),
    (
        "gateway refunds 30.00 of payment 1",
        GatewayRefunds,
        {"amount": usd("30.00"), "payment": 1},
    ),
    ("staff reverses payment 1", StaffReversesPayment, {"payment": 1}),
    (
        "Ann pays 80.00 by check: 50.00 for invoice 1, 20.00 for invoice 2",
        MemberPaysParts,
        {
            "member": "Ann",
            "amount": usd("80.00"),
            "method": "check",
            "parts": ((usd("50.00"), 1), (usd("20.00"), 2)),
        },
    ),
    (
        "Ann pays 80.00 by cash on account",
        MemberPaysOnAccount,
        {"member": "Ann", "amount": usd("80.00"), "method": "cash"},
    ),
    ("staff unapplies payment 1", StaffUnapplies, {"payment": 1, "invoice": None}),
    ("staff unapplies payment 1 from invoice 2", StaffUnapplies, {"payment": 1, "invoice": 2}),
    (
        "staff applies credit of Ann: 5 JPY for invoice 3",
        StaffAppliesCredit,
        {"member": "Ann", "parts": ((AmountText("5", "JPY"), 3),)},
    ),
    (
        "staff sets Ann renewal date 2026-02-01",
        StaffSetsRenewalDate,
        {"member": "Ann", "renewal_date": FEB},
    ),
    ("staff sets Ann active", StaffSetsActive, {"member": "Ann"}),
    ("staff sets Ann payment reason", StaffSetsPaymentReason, {"member": "Ann"}),
    (
        'staff sets Ann payment reason "Paid at the desk"',
        StaffSetsPaymentReason,
        {"member": "Ann", "reason": "Paid at the desk"},
    ),
    ("staff allows another attempt on invoice 1", StaffAllowsAnotherAttempt, {"invoice": 1}),
    (
        "Ann renews card until 2030-11",
        MemberRenewsCard,
        {"member": "Ann", "until": YearMonth(2030, 11)},
    ),
    ("staff changes Gold price to 60.00", StaffChangesPrice, {"plan": "Gold", "amount": usd("60.00")}),
    (
        'staff changes "Gold Plus" price to 60.00 from 2026-02-01',
        StaffChangesPrice,
        {"plan": "Gold Plus", "amount": usd("60.00"), "starting": FEB},
    ),
    ("staff keeps the preset's examples", StaffKeepsExamples, {}),
    (
        'staff takes Ann into Lee from 2026-01-01 as "front desk"',
        h.StaffTakesIn,
        {"member": "Ann", "group": "Lee", "start": JAN, "role": "front desk"},
    ),
    ("Works pays for Ann", h.PayerBegins, {"payer": "Works", "member": "Ann"}),
    ("Works stops paying for Ann", h.PayerStops, {"payer": "Works", "member": "Ann"}),
    (
        "staff lets Ann go from Lee on 2026-02-01",
        h.StaffLetsGo,
        {"member": "Ann", "group": "Lee", "on": FEB},
    ),
    (
        "staff sets policy late_fee = once(5.00, 10)",
        StaffSetsPolicy,
        {"key": "late_fee", "value": PolicyText("once(5.00, 10)", Call("once", ("5.00", 10)))},
    ),
    (
        'staff sets policy term.basis for "Gold Plus" from 2026-02-01 = annual',
        StaffSetsPolicy,
        {"key": "term.basis", "whom": "Gold Plus", "starting": FEB, "value": PolicyText("annual", "annual")},
    ),
    (
        "staff sets policy term.interval_months for membership of Ann = 3",
        StaffSetsPolicy,
        {"key": "term.interval_months", "member": "Ann", "value": PolicyText("3", 3)},
    ),
    (
        "staff unsets policy term.basis for Gold",
        StaffUnsetsPolicy,
        {"key": "term.basis", "whom": "Gold"},
    ),
    ("staff withdraws change of policy term.basis", StaffWithdrawsPolicyChange, {"key": "term.basis"}),
    ("Ann visits", MemberVisits, {"member": "Ann"}),
    ("Ann visits Pool", MemberVisits, {"member": "Ann", "place": "Pool"}),
    ("visitor visits", VisitorVisits, {}),
    ('visitor visits "Main hall"', VisitorVisits, {"place": "Main hall"}),
    ("Ann buys ticket for Ball", t.MemberBuysTickets, {"member": "Ann", "event": "Ball"}),
    ("Ann buys 2 tickets for Ball", t.MemberBuysTickets, {"member": "Ann", "event": "Ball", "count": 2}),
    ('visitor buys 1 ticket for "Big Ball"', t.VisitorBuysTickets, {"event": "Big Ball", "count": 1}),
    ("visitor orders ticket for Ball", t.VisitorOrdersTickets, {"event": "Ball"}),
    (
        "staff refunds 1 ticket of Ann for Ball",
        t.StaffRefundsTickets,
        {"member": "Ann", "event": "Ball", "count": 1},
    ),
    ("Ann donates 25.00", MemberDonates, {"member": "Ann", "amount": usd("25.00")}),
    (
        "Ann donates 25.00 to Roof every month",
        MemberDonates,
        {"member": "Ann", "amount": usd("25.00"), "campaign": "Roof", "every_month": True},
    ),
    ("visitor donates 25.00", VisitorDonates, {"amount": usd("25.00")}),
    ("visitor donates 25.00 every month", VisitorDonates, {"amount": usd("25.00"), "every_month": True}),
    ('visitor donates 25.00 to "New roof"', VisitorDonates, {"amount": usd("25.00"), "campaign": "New roof"}),
    (
        "Ann pledges 1000.00 in 3 monthly installments from 2026-01-01",
        MemberPledges,
        {
            "member": "Ann",
            "amount": usd("1000.00"),
            "installments": 3,
            "every": "monthly",
            "starting": JAN,
        },
    ),
    (
        "Ann pledges 1000.00 in 4 quarterly instalments from 2026-01-01 to Roof",
        MemberPledges,
        {
            "member": "Ann",
            "amount": usd("1000.00"),
            "installments": 4,
            "every": "quarterly",
            "starting": JAN,
            "campaign": "Roof",
        },
    ),
    (
        "Ann pledges 1000.00 in 2 yearly installments from 2026-01-01",
        MemberPledges,
        {
            "member": "Ann",
            "amount": usd("1000.00"),
            "installments": 2,
            "every": "yearly",
            "starting": JAN,
        },
    ),
    (
        'staff levies 10000.00 "Roof repair" by share due 2026-02-01',
        StaffLevies,
        {"amount": usd("10000.00"), "purpose": "Roof repair", "split": "by share", "due": FEB},
    ),
    (
        'staff levies 10000.00 "Pool" equally due 2026-02-01',
        StaffLevies,
        {"amount": usd("10000.00"), "purpose": "Pool", "split": "equally", "due": FEB},
    ),
    *(
        (
            f"staff assesses 3B 150.00 every {unit} from 2026-01-01",
            StaffAssesses,
            {"unit": "3B", "amount": usd("150.00"), "every": unit, "starting": JAN},
        )
        for unit in ("month", "quarter", "year")
    ),
    ("staff transfers unit 3B to Bob", StaffTransfersUnit, {"unit": "3B", "member": "Bob"}),
    ("gateway accepts Ann", GatewayAccepts, {"member": "Ann"}),
    (
        "gateway declines Ann insufficient_funds",
        GatewayDeclines,
        {"member": "Ann", "code": "insufficient_funds"},
    ),
    ("gateway declines Ann R01", GatewayDeclines, {"member": "Ann", "code": "R01"}),
    ("gateway asks Ann to authenticate", GatewayAsks, {"member": "Ann"}),
    ("gateway is silent for Ann", GatewayIsSilent, {"member": "Ann"}),
    ("gateway is silent for Ann but charges", GatewayIsSilent, {"member": "Ann", "but_charges": True}),
    ("gateway answers for Ann succeeded", GatewayAnswers, {"member": "Ann", "outcome": "succeeded"}),
    ("gateway answers for Ann failed", GatewayAnswers, {"member": "Ann", "outcome": "failed"}),
    (
        "gateway answers for Ann failed R01",
        GatewayAnswers,
        {"member": "Ann", "outcome": "failed", "code": "R01"},
    ),
    ("gateway returns payment 1 R10", GatewayReturns, {"payment": 1, "code": "R10"}),
    ("gateway disputes payment 1", GatewayDisputes, {"payment": 1}),
    ("gateway decides dispute of payment 1 won", GatewayDecides, {"payment": 1, "verdict": "won"}),
    ("gateway decides dispute of payment 1 lost", GatewayDecides, {"payment": 1, "verdict": "lost"}),
    ("gateway sends event twice", GatewaySendsTwice, {}),
    ("worker stops", WorkerStops, {}),
    ("worker starts", WorkerStarts, {}),
]


@pytest.mark.parametrize(("text", "cls", "given"), STEP_CASES, ids=[case[0][:60] for case in STEP_CASES])
def test_steps(text: str, cls: type[Line], given: Mapping[str, object]) -> None:
    check(item(text), text, cls, given)


@pytest.mark.parametrize(("text", "cls", "given"), STEP_CASES, ids=[case[0][:60] for case in STEP_CASES])
def test_every_step_may_have_to_be_refused(text: str, cls: type[Line], given: Mapping[str, object]) -> None:
    refused = f"{text} -> refused invoice_closed"
    check(item(refused), refused, cls, {**given, "refused": "invoice_closed"})


# ---------------------------------------------------------------- expectations

EXPECTATION_CASES: list[Case] = [
    ('= notice to Ann: "Amount due"', j.NoticeSays, {"member": "Ann", "said": "Amount due"}),
    ('= no notice to Ann: "Credit"', j.NoticeSaysNot, {"member": "Ann", "said": "Credit"}),
    ("= payer Ann: Works", h.PayerIs, {"member": "Ann", "payer": "Works"}),
    ("= cover Ann: Lee on Gold", h.CoverIs, {"member": "Ann", "holder": "Lee", "plan": "Gold"}),
    ("= no cover Ann", h.NoCover, {"member": "Ann"}),
    ("= Ann is Active", e.MemberIs, {"member": "Ann", "label": "Active"}),
    ("= Ann is Past Due", e.MemberIs, {"member": "Ann", "label": "Past Due"}),
    ('= "Ann Lee" is "Past Due"', e.MemberIs, {"member": "Ann Lee", "label": "Past Due"}),
    ("= Ann is Pending Cancellation", e.MemberIs, {"member": "Ann", "label": "Pending Cancellation"}),
    ("= Ann is on Gold", e.MemberIsOn, {"member": "Ann", "plan": "Gold"}),
    ('= Ann is on "Gold plus"', e.MemberIsOn, {"member": "Ann", "plan": "Gold plus"}),
    ("= Ann has no membership", e.MemberHasNoMembership, {"member": "Ann"}),
    ("= Ann paid through 2026-03-31", e.MemberPaidThrough, {"member": "Ann", "on": MAR}),
    ("= Ann renewed through 2026-03-31", e.MemberRenewedThrough, {"member": "Ann", "on": MAR}),
    (
        "= Ann next charge 50.00 on 2026-02-01",
        e.MemberNextCharge,
        {"member": "Ann", "amount": usd("50.00"), "on": FEB},
    ),
    ("= Ann no next charge", e.MemberNoNextCharge, {"member": "Ann"}),
    (
        "= policy collect.on_exhausted for Ann from plan = lapse(30)",
        PolicyIs,
        {
            "key": "collect.on_exhausted",
            "member": "Ann",
            "source": "plan",
            "value": PolicyText("lapse(30)", Call("lapse", (30,))),
        },
    ),
    ("= Ann term 2026-01-01 to 2026-03-31", e.MemberTerm, {"member": "Ann", "starts": JAN, "ends": MAR}),
    (
        "= Ann term 2026-01-01 to 2026-03-31 100.00",
        e.MemberTerm,
        {"member": "Ann", "starts": JAN, "ends": MAR, "amount": usd("100.00")},
    ),
    ("= Ann owes 20.00", e.MemberOwes, {"member": "Ann", "amount": usd("20.00")}),
    ("= Ann credit 5.00", e.MemberCredit, {"member": "Ann", "amount": usd("5.00")}),
    *(
        (f"= invoice 1 {state} 100.00", e.InvoiceIs, {"invoice": 1, "state": state, "amount": usd("100.00")})
        for state in ("draft", "sent", "overdue", "paid", "closed", "void", "uncollectible")
    ),
    (
        "= invoice 1 sent 100.00 balance 20.00",
        e.InvoiceIs,
        {"invoice": 1, "state": "sent", "amount": usd("100.00"), "balance": usd("20.00")},
    ),
    ("= invoices Ann: 4", e.InvoicesCount, {"member": "Ann", "count": 4}),
    (
        "= attempts Ann: 2026-01-01 declined, 2026-02-01 09:30 succeeded",
        e.AttemptsAre,
        {
            "member": "Ann",
            "attempts": (AttemptText(JAN, None, "declined"), AttemptText(FEB, time(9, 30), "succeeded")),
        },
    ),
    *(
        (
            f"= attempts Ann: 2026-01-01 {outcome}",
            e.AttemptsAre,
            {"member": "Ann", "attempts": (AttemptText(JAN, None, outcome),)},
        )
        for outcome in ("processing", "unknown", "returned", "requires_action")
    ),
    ("= no attempts Ann", e.NoAttempts, {"member": "Ann"}),
    *(
        (f'= settlement invoice 1 "{label}"', e.SettlementIs, {"invoice": 1, "label": label})
        for label in (
            "Awaiting Sync",
            "In Progress",
            "Not Settled",
            "Settled",
            "Failed to Settle",
            "Unknown",
            "Failed to reconcile – timed out",
        )
    ),
    (
        '= settlement invoice 1 "Failed to reconcile - timed out"',
        e.SettlementIs,
        {"invoice": 1, "label": "Failed to reconcile – timed out"},
    ),
    ("= settlement invoice 1 In Progress", e.SettlementIs, {"invoice": 1, "label": "In Progress"}),
    *(
        (f"= payment 1 100.00 {state}", e.PaymentIs, {"payment": 1, "amount": usd("100.00"), "state": state})
        for state in ("succeeded", "refunded", "partly refunded", "returned", "disputed", "reversed")
    ),
    *(
        (f"= refund 1 30.00 {state}", RefundIs, {"refund": 1, "amount": usd("30.00"), "state": state})
        for state in (
            "waiting",
            "pending",
            "unanswered",
            "done",
            "failed",
            "turned down",
            "rejected",
            "canceled",
        )
    ),
    (
        "= case Ann open since 2026-03-01 next 2026-03-04",
        d.CaseIs,
        {"member": "Ann", "since": date(2026, 3, 1), "next": date(2026, 3, 4)},
    ),
    ("= case Ann closed paid", d.CaseClosed, {"member": "Ann", "reason": "paid"}),
    ("= no open case Ann", d.NoCase, {"member": "Ann"}),
    (
        "= steps Ann: 2026-03-04 reminder withheld, 2026-03-08 second_reminder",
        d.StepsAre,
        {"member": "Ann", "steps": "2026-03-04 reminder withheld, 2026-03-08 second_reminder"},
    ),
    ("= mail to Ann: receipt", e.MailTo, {"member": "Ann", "mails": (MailCount("receipt", 1),)}),
    ("= mail to Ann: receipt twice", e.MailTo, {"member": "Ann", "mails": (MailCount("receipt", 2),)}),
    ("= mail to Ann: reminder 3 times", e.MailTo, {"member": "Ann", "mails": (MailCount("reminder", 3),)}),
    (
        "= mail to Ann: receipt twice, welcome",
        e.MailTo,
        {"member": "Ann", "mails": (MailCount("receipt", 2), MailCount("welcome", 1))},
    ),
    ("= no mail to Ann", e.NoMailTo, {"member": "Ann"}),
    (
        '= run "2018": 3 billed 300.00, 2 skipped',
        e.RunIs,
        {"run": "2018", "billed": 3, "amount": usd("300.00"), "skipped": 2},
    ),
    ('= run "2018": 3 billed 300.00', e.RunIs, {"run": "2018", "billed": 3, "amount": usd("300.00")}),
    ("= skipped Bob not_due", e.SkippedIs, {"member": "Bob", "reason": "not_due"}),
    (
        "= batch 1 open 300.00 dated 2026-01-01",
        e.BatchIs,
        {"batch": 1, "state": "open", "amount": usd("300.00"), "dated": JAN},
    ),
    (
        '= batch "Dues" posted 300.00 dated 2026-01-01',
        e.BatchIs,
        {"batch": "Dues", "state": "posted", "amount": usd("300.00"), "dated": JAN},
    ),
    ("= pending list: invoice 1", WaitingListIs, {"listed": "pending", "invoices": (1,)}),
    ("= failed list empty", WaitingListIs, {"listed": "failed", "invoices": ()}),
    ("= exception list: invoice 2, invoice 3", WaitingListIs, {"listed": "exception", "invoices": (2, 3)}),
    ("= invoice 1 waits: card_expired", InvoiceWaits, {"invoice": 1, "reason": "card_expired"}),
    ("= invoice 1 waits card_expired", InvoiceWaits, {"invoice": 1, "reason": "card_expired"}),
    ("= submit list: invoice 1, invoice 2", e.SubmitListIs, {"invoices": (1, 2)}),
    ("= submit list empty", e.SubmitListIs, {"invoices": ()}),
    ("= submit list: empty", e.SubmitListIs, {"invoices": ()}),
    (
        "= submit list due by 2026-01-01 name contains Ann: invoice 1",
        e.SubmitListIs,
        {"invoices": (1,), "due_by": JAN, "name_contains": "Ann"},
    ),
    ("= submit list due by 2026-01-01 empty", e.SubmitListIs, {"invoices": (), "due_by": JAN}),
    ("= campaign Roof 25.00 25%", e.CampaignIs, {"campaign": "Roof", "amount": usd("25.00"), "percent": 25}),
    ("= tickets Ball: 2 sold, 1 left", t.TicketsAre, {"event": "Ball", "sold": 2, "left": 1}),
    ("= pledge Ann 33 %", e.PledgeIs, {"member": "Ann", "percent": 33}),
    ("= unit 3B owes 150.00", e.UnitOwes, {"unit": "3B", "amount": usd("150.00")}),
    ("= receipt Ann 25.00", e.ReceiptIs, {"member": "Ann", "amount": usd("25.00")}),
    ("= no receipt Ann", e.NoReceipt, {"member": "Ann"}),
    *(
        (f"= revenue this {period} 100.00", e.RevenueIs, {"period": period, "amount": usd("100.00")})
        for period in ("month", "quarter", "year")
    ),
]


@pytest.mark.parametrize(
    ("text", "cls", "given"), EXPECTATION_CASES, ids=[case[0][:60] for case in EXPECTATION_CASES]
)
def test_expectations(text: str, cls: type[Line], given: Mapping[str, object]) -> None:
    check(item(text), text, cls, given)


def test_a_ledger_lists_accounts() -> None:
    story = story_of(
        """
        story: Books
        organization Maple Club: preset recommended
        2026-01-01
          = ledger
            Receivable:Ann   20.00

            Receivable:"Ann Lee" 20.00 EUR   # a comment
            Receivable 40.00
            Refunds payable -5.00
            Income:Dues  -100.00
            Credit:Ann Lee 0.00
            Processor fees 1.50
            "Gym income" -7.00
            Bad debt 1000 JPY
          = Ann owes 20.00
        2026-01-02
          = ledger
                Bank 1.00
          worker stops
        """
    )
    ledger, owes = story.blocks[0].items
    assert isinstance(ledger, e.LedgerIs)
    assert isinstance(owes, e.MemberOwes)
    assert [(row.account, row.of, row.amount) for row in ledger.rows] == [
        ("Receivable", "Ann", usd("20.00")),
        ("Receivable", "Ann Lee", AmountText("20.00", "EUR")),
        ("Receivable", None, usd("40.00")),
        ("Refunds payable", None, usd("-5.00")),
        ("Income:Dues", None, usd("-100.00")),
        ("Credit", "Ann Lee", usd("0.00")),
        ("Processor fees", None, usd("1.50")),
        ("Gym income", None, usd("-7.00")),
        ("Bad debt", None, AmountText("1000", "JPY")),
    ]
    assert ledger.rows[0] == LedgerRow("Receivable", "Ann", usd("20.00"), 5, "Receivable:Ann   20.00")
    second = story.blocks[1].items
    assert [type(thing) for thing in second] == [e.LedgerIs, WorkerStops]


# ---------------------------------------------------------------- the tables of forms


def test_every_form_has_a_case_here_and_a_name() -> None:
    shown_here = {cls for _, cls, _ in (*SETUP_CASES, *STEP_CASES, *EXPECTATION_CASES)} | {e.LedgerIs}
    assert {form.cls for form in forms()} == shown_here
    names = [cls.form for cls in shown_here]
    assert len(set(names)) == len(names)
    assert MemberCancels.form == "MEMBER cancels"
    assert e.MailTo.form == "= mail to MEMBER: KIND"
    assert all(cls.__doc__ for cls in shown_here)


def test_every_line_is_of_one_form_only() -> None:
    for cases, table, prefix in (
        (SETUP_CASES, SETUP, ""),
        (STEP_CASES, STEPS, ""),
        (EXPECTATION_CASES, EXPECTATIONS, "= "),
    ):
        for text, cls, _ in cases:
            plain = text.removeprefix(prefix)
            matching = {form.cls for form in table if form.regex.fullmatch(plain)}
            assert matching == {cls}, text


def test_patterns_are_shown_in_the_notation_of_the_documentation() -> None:
    shown = {form.cls: form.shown for form in forms() if form.cls is not s.MemberSetup}
    assert shown[MemberJoins] == (
        "MEMBER joins PLAN [by card|bank account|check|cash] [starting DATE] [current cycle paid] [prorated]"
    )
    assert shown[StaffWritesOffInvoice] == 'staff writes off invoice N [AMOUNT] [because "TEXT"]'
    assert shown[e.MemberTerm] == "= MEMBER term DATE to DATE [AMOUNT]"


# ---------------------------------------------------------------- what cannot be read

BLOCK = HEAD + "2026-01-01\n"

FAULTS: list[tuple[str, int, str]] = [
    ("", 1, "the story is empty"),
    ("# only a comment\n", 1, "the story is empty"),
    ("organization A: preset recommended\n", 1, "the first line of a story is 'story: TITLE'"),
    ("\n\n  story: Indented\n", 3, "in the first column"),
    ("story:\n", 1, "the first line of a story is 'story: TITLE'"),
    ("story: T\n2026-01-01\n", 1, "the story has no organization"),
    ("story: T\nshows: late payers\n", 2, "requirement ids"),
    ("story: T\norganization A\n", 2, "nearest form is: organization NAME: preset PRESET"),
    (HEAD + "organization B: preset association\n", 3, "stands on line 2 already"),
    (HEAD + "member Ann\nmember Ann: plan Gold\n", 4, "stands on line 3 already"),
    (HEAD + "plann Gold: 10.00 every month\n", 3, "nearest form is: plan NAME"),
    (
        HEAD + "plan Gold: 10.00 every month, prepayed\n",
        3,
        "unknown setup line; the nearest form is: plan NAME",
    ),
    (HEAD + "plan Gold: 10.00 every month, prepaid, prepaid\n", 3, "unknown setup line"),
    (HEAD + "plan Gold: 10.00\n", 3, "says how often"),
    (HEAD + "plan Gold: 10.00 every 0 months\n", 3, "every 1 or more"),
    (HEAD + "plan Gold: 1,000.00 every month\n", 3, "no thousands separators"),
    (HEAD + "plan Gold: $10.00 every month\n", 3, "no currency sign"),
    (HEAD + "plan Gold: 9.00 every day, prorate days, prorate table X\n", 3, "one way only"),
    (HEAD + "member staff: plan Gold\n", 3, "unknown setup line"),
    (HEAD + "member Ann: joined 2026-02-30\n", 3, "2026-02-30 is not a day of the calendar"),
    (HEAD + "member Ann: card expires 2026-13\n", 3, "2026-13 is not a month"),
    (HEAD + 'member "Ann: plan Gold\n', 3, "a quotation mark is not closed"),
    (HEAD + "prorate P: 12 factors, month 1 first: 1.00 0.5\n", 3, "it says 12 factors and lists 2"),
    (HEAD + "visit price P: non-member 1.00, overage 1.00, Mon 18:00-09:00\n", 3, "end after they begin"),
    (HEAD + "visit price P: non-member 1.00, overage 1.00, Mon 09:00-25:00\n", 3, "25:00 is not a time"),
    (HEAD + "campaign R: goal 1.00 from 2026-02-01 to 2026-01-01\n", 3, "on or after the day it starts"),
    ("story: T\norganization A: preset p, fiscal year starts 13\n", 2, "a month from 1 to 12"),
    (HEAD + "policy collect.offsets = [0, 1\n", 3, "not closed with ']'"),
    (HEAD + "policy collect.on_exhausted = lapse(30\n", 3, "not closed with ')'"),
    (HEAD + "policy collect.offsets = [0,, 1]\n", 3, "a policy value is missing"),
    (HEAD + "policy collect.offsets = [0, 1] 2\n", 3, "ends before '2'"),
    (HEAD + "policy x = " + "[" * 5000 + "\n", 3, "at most 100 brackets"),
    (HEAD + "Ann cancels\n2026-01-01\n", 3, "steps and expectations are indented"),
    (HEAD + "= Ann owes 1.00\n", 3, "steps and expectations are indented"),
    (HEAD + "  Ann cancels\n", 3, "none has come yet"),
    (HEAD + "  plan Gold: free\n", 3, "setup lines start in the first column"),
    (BLOCK + "plan Gold: free\n", 4, "setup lines stand before the first date line"),
    (BLOCK + "Ann cancels\n", 4, "only a date line starts in the first column here"),
    (HEAD + "2026-1-1\n", 3, "a date line is an ISO date"),
    (HEAD + "01.02.2026\n", 3, "a date line is an ISO date"),
    (HEAD + "2026-02-30\n", 3, "2026-02-30 is not a day of the calendar"),
    (HEAD + "2026-02-01 24:10\n", 3, "24:10 is not a time of day"),
    (BLOCK + "  Ann cancells\n", 4, "unknown step; the nearest form is: MEMBER cancels [on DATE]"),
    (BLOCK + "  staff cancel Ann\n", 4, "the nearest form is: staff cancels MEMBER [on DATE]"),
    (BLOCK + "  gateway decline Ann R01\n", 4, "the nearest form is: gateway declines MEMBER CODE"),
    (BLOCK + "  Ann pays 1,000.00 by check\n", 4, "no thousands separators"),
    (
        BLOCK + "  Ann joins Gold by card by check\n",
        4,
        "unknown step; the nearest form is: MEMBER joins PLAN",
    ),
    (BLOCK + "  Ann joins Gold starting 2026-02-31\n", 4, "2026-02-31 is not a day"),
    (BLOCK + "  visitor cancels\n", 4, "'visitor' is a reserved word"),
    (BLOCK + "  ann lee cancels\n", 4, "unknown step"),
    (BLOCK + "  staff voids invoice one\n", 4, "nearest form is: staff voids invoice N"),
    (BLOCK + "  staff voids invoice 1 -> refuse invoice_paid\n", 4, "ends with '-> refused CODE'"),
    (BLOCK + "  staff voids invoice 1 -> refused\n", 4, "ends with '-> refused CODE'"),
    (BLOCK + "  = Ann owes 1.00 -> refused x\n", 4, "only a step can be refused"),
    (BLOCK + "  = Ann owe 20.00\n", 4, "unknown expectation; the nearest form is: = MEMBER owes AMOUNT"),
    (BLOCK + "  = invoce 1 sent 20.00\n", 4, "the nearest form is: = invoice N draft|sent"),
    (BLOCK + "  = batch 1 opn 20.00 dated 2026-01-01\n", 4, 'the nearest form is: = batch N|"NAME"'),
    (BLOCK + "  = attempts Ann: 2026-01-01 failed\n", 4, "the nearest form is: = attempts MEMBER"),
    (BLOCK + "  = attempts Ann: 2026-01-01 25:00 declined\n", 4, "25:00 is not a time of day"),
    (BLOCK + "  = settlement invoice 1 Done\n", 4, 'a settlement reads "Awaiting Sync"'),
    (BLOCK + "  = ledger\n  Bank 1.00\n", 4, "indented further"),
    (BLOCK + "  = ledger\n2026-01-02\n", 4, "indented further"),
    (BLOCK + "  = ledger\n    Bank\n", 5, "a ledger line is 'ACCOUNT AMOUNT'"),
    (BLOCK + "  = ledger\n    Bank 1.00\n    worker stops\n", 6, "a ledger line is 'ACCOUNT AMOUNT'"),
    (BLOCK + "2025-12-31\n", 4, "time never runs backwards, and the story has reached 2026-01-01 00:00"),
    (HEAD + "2026-01-01 10:20\n2026-01-01 10:19\n", 4, "time never runs backwards"),
    (HEAD + "2026-01-01\n  = no attempts Ann\n2026-01-01 10:19\n", 5, "has reached 2026-01-01 23:59"),
    (HEAD + "2026-01-01 10:20\n2026-01-01\n2026-01-01 10:19\n", 5, "has reached 2026-01-01 10:20"),
    ("story: T\norganization A: preset p, starts 2026-02-01\n2026-01-01\n", 3, "time never runs backwards"),
]


@pytest.mark.parametrize(("text", "line", "message"), FAULTS, ids=[fault[2][:60] for fault in FAULTS])
def test_what_cannot_be_read_is_named(text: str, line: int, message: str) -> None:
    with pytest.raises(StoryError) as caught:
        parse(text, "club.story")
    assert (caught.value.file, caught.value.line_number) == ("club.story", line)
    assert message in caught.value.message
    assert str(caught.value).startswith(f"club.story:{line}: {caught.value.message}")


def test_the_error_quotes_the_line() -> None:
    with pytest.raises(StoryError) as caught:
        parse(BLOCK + "\n\n  Ann  cancells   # oh\n", "club.story")
    assert caught.value.text == "Ann  cancells"
    assert str(caught.value) == (
        "club.story:6: unknown step; the nearest form is: MEMBER cancels [on DATE]\n    Ann  cancells"
    )


def test_a_file_that_is_missing_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match=r"gone\.story:1: cannot be read"):
        parse_file(tmp_path / "gone.story")
    latin = tmp_path / "latin.story"
    latin.write_bytes("story: T\nmember Zoë\n".encode("latin-1"))
    with pytest.raises(StoryError, match=r"latin\.story:2: this is not UTF-8 text"):
        parse_file(latin)


# ---------------------------------------------------------------- the documentation

DOCUMENTATION = (Path(__file__).parents[2] / "docs" / "stories.md").read_text(encoding="utf-8")


def test_every_form_is_documented_as_it_is() -> None:
    lines = set(DOCUMENTATION.replace("\n    ", " ").splitlines())  # long forms go on, indented
    assert [form.shown for form in forms() if form.shown not in lines] == []


def test_the_examples_of_the_documentation_are_stories() -> None:
    worked, ledger = (block.split("```")[0] for block in DOCUMENTATION.split("```story\n")[1:])
    assert worked == WORKED_EXAMPLE
    (books,) = parse(BLOCK + ledger).blocks[0].items
    assert isinstance(books, e.LedgerIs)
    assert [(row.account, row.of) for row in books.rows] == [
        ("Receivable", "Ann"),
        ("Receivable", "Bo Li"),
        ("Income:Dues", None),
    ]
