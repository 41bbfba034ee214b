"""Policies of billing: who starts it and when, and what an invoice goes through."""

from paidthru.organizations.rules.catalogue.key import ORGANIZATION, SCOPES, TIME, Closed, Written, call, key
from paidthru.organizations.rules.numbering import LONGEST, fault

BILLING = (
    key(
        "billing.subject",
        "Who owes what comes again and again: members their dues, homes their assessments, or both. The pages follow;"
        " what is there stays.",
        "X24 A-29",
        words=("member", "unit", "any"),
        also={"organisation": "member", "organization": "member", "team": "member"},
        says={"member": "members, their dues", "unit": "homes, their assessments", "any": "both"},
        title="Who is billed",
        default="member",
        by_preset={"ams_hoa": "unit", "recommended": "any"},
    ),
    key(
        "billing.trigger",
        "Who starts billing: the calendar, or staff with a renewal run.",
        "X1 I-02 P-01 I-71",
        words=("auto", "staff_run"),
        closed={
            "processor_mirror": Closed(
                "processor_billing_unavailable",
                "Billing by the processor's own subscriptions isn't available: Paidthru starts every charge itself,"
                " so that it can say beforehand whom it charges, how much and why.",
                "Set billing.trigger = auto, and collect.cadence_owner = processor where only the retries are"
                " somebody else's.",
                "X1",
            )
        },
        says={"auto": "the calendar, by itself", "staff_run": "staff, with a renewal run"},
        title="Who starts billing",
        default="auto",
        by_preset={"association": "staff_run"},
    ),
    key(
        "billing.slot",
        "The time of day at which what falls due is billed and charged: each member at a time of their own in a"
        " window, all at one time, as the cycle starts, or when staff submit.",
        "X2 P-02 P-03 A2-14",
        words=("cycle_start", "on_submit"),
        calls={"spread": (TIME, TIME), "fixed_time": (TIME,)},
        also={"spread": call("spread", "00:01", "23:59"), "fixed_time": call("fixed_time", "06:00")},
        says={
            "spread": "spread between two times of day",
            "fixed_time": "everybody at one time of day",
            "cycle_start": "as the cycle starts, at midnight",
            "on_submit": "when staff submit",
        },
        asks={"spread": ("From", "To"), "fixed_time": ("At",)},
        scopes=("plan", "organization"),
        title="Time of day",
        default=call("spread", "08:00", "12:00"),
        by_preset={
            "ams_nonprofit": call("fixed_time", "06:00"),
            "ams_hoa": call("fixed_time", "06:00"),
            "community": "cycle_start",
            "association": "on_submit",
            "coworking": call("spread", "00:01", "23:59"),
        },
    ),
    key(
        "billing.past_date",
        "A renewal date that is set in the past: is charged at the top of the hour, is asked about first, or has no"
        " effect without a run.",
        "X11 P-13 P-30 C-10",
        words=("charge_next_hour", "ask", "ignore"),
        says={
            "charge_next_hour": "charged at the top of the hour",
            "ask": "asked about first",
            "ignore": "no effect without a run",
        },
        title="A renewal date in the past",
        default="ask",
        by_preset={"coworking": "charge_next_hour", "association": "ignore"},
    ),
    key(
        "invoice.review",
        "Whether a run's invoices must be reviewed before they are submitted, or may be looked at for some days.",
        "I-20 X23",
        words=("none", "must_approve"),
        calls={"draft_days": (60,)},
        says={
            "none": "no review",
            "must_approve": "staff must approve them",
            "draft_days": "drafts for so many days",
        },
        asks={"draft_days": ("Days",)},
        title="Review of invoices",
        default="none",
        by_preset={"association": "must_approve"},
    ),
    key(
        "invoice.numbering",
        "How invoices are numbered: {n} is the number, {n:5} with five digits, {year} the fiscal year, with which the"
        " numbers begin again.",
        "A-10 A-55",
        written=Written(
            f"a text of up to {LONGEST} characters that ends with {{n}}, such as INV-{{year}}-{{n:5}}",
            "Pattern",
            f"Up to {LONGEST} letters, digits, spaces and - / . _, with {{n}} last: INV-{{year}}-{{n:5}}.",
            fault,
        ),
        title="Numbers of invoices",
        default="{n}",
    ),
    key(
        "invoice.on_failed_attempt",
        "A payment that fails: leaves its invoice as it is, or closes it, and the next try has a new one.",
        "X4 P-06 P-07 P-08",
        words=("keep_same", "close_and_reissue"),
        says={"keep_same": "the same invoice stays", "close_and_reissue": "closed, and a new one made"},
        scopes=SCOPES,
        title="The invoice of a failed payment",
        default="keep_same",
        by_preset={"coworking": "close_and_reissue"},
    ),
    key(
        "batch.post",
        "Whether batches post by themselves at the end of the day, or by hand.",
        "I-17 X23",
        words=("auto", "manual"),
        says={"auto": "by themselves, every day", "manual": "by hand"},
        title="Posting batches",
        default="auto",
        by_preset={"association": "manual"},
    ),
    key(
        "autopay.scope",
        "What autopay covers: memberships only, assessments of homes too, or everything that a member owes.",
        "X21",
        words=("memberships", "assessments", "all"),
        says={
            "memberships": "memberships only",
            "assessments": "memberships, and assessments of homes",
            "all": "everything that is owed",
        },
        scopes=("customer", "organization"),
        title="What autopay covers",
        default="memberships",
        by_preset={"ams_nonprofit": "all", "ams_hoa": "assessments", "coworking": "all"},
    ),
    key(
        "external_payment.ui",
        "How staff are led when a member has paid outside: a box to check, a custom charge, or a receipt in a batch."
        " It is the same entry in the books.",
        "X13 C-36 C-37",
        words=("checkbox", "custom_charge", "batch"),
        says={
            "checkbox": "a box to check on the membership",
            "custom_charge": "a custom charge",
            "batch": "a receipt in a batch",
        },
        title="Paid outside",
        default="checkbox",
        by_preset={"association": "batch", "coworking": "custom_charge"},
    ),
    key(
        "staff.may_enter_payment_details",
        "Whether staff may type in a member's card or bank details: never. They send the member a link.",
        "X20 C-15",
        words=("no",),
        closed={
            word: Closed(
                "payment_details_by_member",
                "Payment details are entered by the member alone; staff never see or type them.",
                "Leave it at no, and send the member a payment link: the details go from the member straight to the"
                " processor.",
                "C-15 X20",
            )
            for word in ("yes", "true", "on")
        },
        also={"false": "no", "off": "no"},
        says={"no": "never: the member enters them"},
        scopes=ORGANIZATION,
        title="Who enters payment details",
        default="no",
    ),
)
