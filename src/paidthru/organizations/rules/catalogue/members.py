"""Policies of members: what their state is called, what they are told, and how a membership changes and ends."""

from paidthru.organizations.rules.catalogue.key import PRESETS, Numbers, call, key

_DAY_14 = call("day", 14)

STATUS = (
    key(
        "status.past_due_at",
        "When an unpaid membership is called past due.",
        "X6 C-31",
        words=("first_failure", "never"),
        calls={"day": (365,)},
        says={
            "first_failure": "at the first failure",
            "day": "so many days after the due date",
            "never": "never",
        },
        asks={"day": ("Days after the due date",)},
        scopes=("plan", "organization"),
        default="first_failure",
        by_preset={"association": "never", "ams_nonprofit": _DAY_14, "ams_hoa": _DAY_14},
    ),
    key(
        "status.grace_months",
        "Months after paid through before an association's member is inactive.",
        "G-32",
        low=0,
        high=24,
        unit="months",
        default=0,
    ),
    key(
        "status.labels",
        "Whose words for a membership's state are used: Delinquent is a coworking space's word, Inactive an"
        " association's.",
        "X7 C-08 P-19",
        words=PRESETS,
        default="recommended",
        by_preset={preset: preset for preset in PRESETS},
    ),
    key(
        "words.variant",
        "Which variant of the preset's words is used: a workplace has users where others have members. It changes no"
        " decision.",
        "P-32",
        words=("standard", "workplace"),
        says={"standard": "the preset's own words", "workplace": "users and a workplace"},
        default="standard",
    ),
    key(
        "dunning.mail_days",
        "The days after the due date on which a member is reminded of what is unpaid: the first is the reminder, the"
        " second the second reminder, the third the final notice, and what is left says that it is past due. A"
        " payment that fails is told at once besides.",
        "A-46 to A-48 A-52",
        numbers=Numbers(items=9, most=365, example=(3, 7, 14, 30), least=0, rising=True),
        scopes=("plan", "organization"),
        default=[3, 7, 14, 30],
        by_preset={"ams_hoa": [3, 7, 14], "community": [], "association": [], "coworking": []},
    ),
    key(
        "dunning.catch_up",
        "What is mailed of the steps that fell due while nothing ran: the latest of each case, or all.",
        "A-51",
        words=("latest", "all"),
        says={"latest": "the latest step only", "all": "every step"},
        default="latest",
    ),
    key(
        "dunning.arrangement_days",
        "How far ahead the last part of an arrangement with a member who owes may lie; 0 allows none.",
        "A-52",
        low=0,
        high=365,
        unit="days",
        default=90,
    ),
    key(
        "access.restrict",
        "When access ends for a membership that is unpaid: never, when it lapses, when it moves to the default plan,"
        " in part after so many days and wholly when it ends, or when paid through and its grace are over.",
        "C-35 P-21",
        words=("never", "at_lapse", "at_downgrade", "by_paid_through"),
        calls={"after": (365,)},
        says={
            "never": "never",
            "at_lapse": "when it lapses",
            "at_downgrade": "when it moves to the default plan",
            "by_paid_through": "when paid through and grace are over",
            "after": "in part after so many days",
        },
        asks={"after": ("Days",)},
        scopes=("plan", "organization"),
        default="never",
        by_preset={
            "ams_nonprofit": "at_lapse",
            "association": "by_paid_through",
            "coworking": "at_downgrade",
            "recommended": call("after", 14),
        },
    ),
)

LIFECYCLE = (
    key(
        "cancel.effective",
        "When a cancellation takes effect: at the end of the current cycle, on a date, or at once.",
        "X8 C-34 P-17",
        words=("end_of_cycle", "on_date", "immediate"),
        says={
            "end_of_cycle": "at the end of the current cycle",
            "on_date": "on a date that is given",
            "immediate": "at once",
        },
        scopes=("plan", "organization"),
        default="end_of_cycle",
        by_preset={"coworking": "on_date"},
    ),
    key(
        "cancel.then",
        "What comes after it: the membership ends, or moves to the default plan.",
        "X8 P-17 P-20",
        words=("end", "downgrade"),
        says={"end": "the membership ends", "downgrade": "it moves to the default plan"},
        scopes=("plan", "organization"),
        default="end",
        by_preset={"coworking": "downgrade"},
    ),
    key(
        "cancel.unpaid",
        "What becomes of a bill that is unpaid when a membership is canceled: it stays owed, or is credited, so that"
        " nothing is owed for it.",
        "X8 I-34",
        words=("owed", "credited"),
        says={"owed": "it stays owed", "credited": "it is credited"},
        scopes=("plan", "organization"),
        default="owed",
        by_preset={"association": "credited"},
    ),
    key(
        "switch.effective.staff",
        "When a change of plan made by staff takes effect.",
        "X15 P-27",
        words=("now", "next_renewal"),
        also={"next": "next_renewal"},
        says={"now": "at once", "next_renewal": "at the next renewal"},
        scopes=("plan", "organization"),
        default="next_renewal",
        by_preset={"recommended": "now"},
    ),
    key(
        "switch.effective.member",
        "When a change of plan made by the member takes effect.",
        "X15 P-28",
        words=("now", "next_renewal"),
        also={"next": "next_renewal"},
        says={"now": "at once", "next_renewal": "at the next renewal"},
        scopes=("plan", "organization"),
        default="now",
        by_preset={"community": "next_renewal", "association": "next_renewal"},
    ),
    key(
        "switch.credit",
        "Whether what is left of the old plan's term is credited when a change takes effect at once.",
        "X15 P-31",
        words=("none", "unused_time"),
        says={"none": "nothing is credited", "unused_time": "the unused time is credited"},
        scopes=("plan", "organization"),
        default="none",
        by_preset={"recommended": "unused_time"},
    ),
    key(
        "rejoin.mode",
        "A former member who comes back: is a new member, renews without proration while still active, or staff are"
        " asked.",
        "X19 G-39",
        words=("new_membership", "renewal_if_active", "ask"),
        says={
            "new_membership": "a new membership",
            "renewal_if_active": "a renewal while still active",
            "ask": "staff are asked",
        },
        scopes=("plan", "organization"),
        default="new_membership",
        by_preset={"association": "renewal_if_active", "recommended": "ask"},
    ),
)
