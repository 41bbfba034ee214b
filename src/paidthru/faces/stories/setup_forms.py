"""The lines before the first date: the organization, its policies and plans, and who is in it already."""

from typing import Literal

from .forms import SetupLine, setup
from .slots import (
    Account,
    Amount,
    Currency,
    Day,
    Email,
    Expiry,
    Factors,
    Heading,
    Key,
    Locale,
    Member,
    Method,
    Name,
    Names,
    Number,
    Often,
    OnOff,
    Preset,
    Price,
    Rate,
    Value,
    Windows,
    Words,
    Zone,
)


@setup(
    "organization NAME: preset PRESET [currency CURRENCY] [zone ZONE] [locale LOCALE]"
    " [fiscal year starts FISCAL_YEAR_STARTS] [starts STARTS]"
)
class OrganizationSetup(SetupLine):
    """The throw-away organization; `starts` is the day on which the clock begins."""

    name: Heading
    preset: Preset
    currency: Currency | None = None
    zone: Zone | None = None
    locale: Locale | None = None
    fiscal_year_starts: Number | None = None
    starts: Day | None = None

    def __post_init__(self) -> None:
        if self.fiscal_year_starts is not None and not 1 <= self.fiscal_year_starts <= 12:
            raise ValueError("a fiscal year starts in a month from 1 to 12")


@setup("policy KEY = VALUE")
class PolicySetup(SetupLine):
    """A policy that differs from the preset's."""

    key: Key
    value: Value


@setup(
    "plan NAME: PRICE [every EVERY] [prepaid] [pay as you go] [non-recurring] [default]"
    " [includes INCLUDED_VISITS visits] [prorate table PRORATE_TABLE] [prorate PRORATE] [tax TAX]"
    " [income INCOME] [fund FUND] [trial TRIAL_DAYS days] [interval INTERVAL_MONTHS months]"
    " [currency CURRENCY] [seats SEATS] [closed]"
)
class PlanSetup(SetupLine):
    """A plan. `price` None is free; `every` None only for a free, non-recurring or pay-as-you-go plan."""

    name: Heading
    price: Price
    every: Often | None = None
    prepaid: bool = False
    pay_as_you_go: bool = False
    non_recurring: bool = False
    default: bool = False
    included_visits: Number | None = None
    prorate: Literal["none", "months", "days"] | None = None
    prorate_table: Name | None = None
    tax: Name | None = None
    income: Account | None = None
    fund: Name | None = None
    trial_days: Number | None = None
    interval_months: Number | None = None
    currency: Currency | None = None
    seats: Number | None = None
    closed: bool = False

    def __post_init__(self) -> None:
        if self.price is not None and self.every is None and not (self.non_recurring or self.pay_as_you_go):
            raise ValueError("a plan with a price says how often: plan NAME: AMOUNT every month")
        if self.prorate and self.prorate_table:
            raise ValueError("a plan prorates in one way only")


@setup("fee NAME: AMOUNT on PLAN [voluntary] [complimentary]")
class FeeSetup(SetupLine):
    """A further item billed with the plan."""

    name: Heading
    amount: Amount
    plan: Name
    voluntary: bool = False
    complimentary: bool = False


@setup("prorate NAME: FACTORS")
class ProrateSetup(SetupLine):
    """A proration table: a factor a month, from the first month of the fiscal year on, as written."""

    name: Heading
    factors: Factors


@setup("tax NAME: RATE% MODE")
class TaxSetup(SetupLine):
    """A tax; `rate` is the percentage as written, on top of the price or inside it."""

    name: Heading
    rate: Rate
    mode: Literal["exclusive", "inclusive"]


@setup("visit price NAME: non-member NON_MEMBER, overage OVERAGE [WINDOWS]")
class VisitPriceSetup(SetupLine):
    """What a visit costs, at all times or in the windows given."""

    name: Heading
    non_member: Amount
    overage: Amount
    windows: Windows = ()


@setup(
    "member NAME",
    "member NAME: [type TYPE] [plan PLAN] [joined JOINED] [cycle started CYCLE_STARTED]"
    " [next renewal NEXT_RENEWAL] [paid through PAID_THROUGH] [METHOD] [interval INTERVAL_MONTHS months]"
    " [autopay AUTOPAY] [email EMAIL] [currency CURRENCY] [household HOUSEHOLD] [card expires CARD_EXPIRES]",
)
class MemberSetup(SetupLine):
    """Somebody on the roster; with a plan, an existing membership imported without mail or charge."""

    name: Member
    type: Name | None = None
    plan: Name | None = None
    joined: Day | None = None
    cycle_started: Day | None = None
    next_renewal: Day | None = None
    paid_through: Day | None = None
    method: Method | None = None
    interval_months: Number | None = None
    autopay: OnOff | None = None
    email: Email | None = None
    currency: Currency | None = None
    household: Words | None = None
    card_expires: Expiry | None = None


@setup("unit NAME: share SHARE [owner OWNER]")
class UnitSetup(SetupLine):
    """A home or lot that assessments are billed to, with its share."""

    name: Heading
    share: Number
    owner: Member | None = None


@setup("campaign NAME: goal GOAL [from STARTS to ENDS]")
class CampaignSetup(SetupLine):
    """A donation campaign; both days are within it."""

    name: Heading
    goal: Amount
    starts: Day | None = None
    ends: Day | None = None

    def __post_init__(self) -> None:
        if self.starts and self.ends and self.ends < self.starts:
            raise ValueError("a campaign ends on or after the day it starts")


@setup("billing cycle NAME: types TYPES")
class BillingCycleSetup(SetupLine):
    """A billing cycle: the member types that a renewal run for it bills."""

    name: Heading
    types: Names
