"""The forms around events with tickets."""

from .forms import Expectation, SetupLine, Step, expectation, setup, step
from .slots import Amount, Day, Heading, Member, Name, Number


@setup("ticket event NAME: PRICE, CAPACITY places [on STARTS]")
class TicketEventSetup(SetupLine):
    """An event, what a ticket costs, and how many there are."""

    name: Heading
    price: Amount
    capacity: Number
    starts: Day | None = None


@step("MEMBER buys [COUNT] tickets for EVENT")
class MemberBuysTickets(Step):
    """A member buys tickets in the portal, with the method on file."""

    member: Member
    event: Name
    count: Number | None = None


@step("visitor buys [COUNT] tickets for EVENT")
class VisitorBuysTickets(Step):
    """Somebody who is not signed in buys tickets, and pays by card."""

    event: Name
    count: Number | None = None


@step("visitor orders [COUNT] tickets for EVENT")
class VisitorOrdersTickets(Step):
    """Somebody who is not signed in takes places, and doesn't pay yet."""

    event: Name
    count: Number | None = None


@step("staff refunds [COUNT] tickets of MEMBER for EVENT")
class StaffRefundsTickets(Step):
    """Staff take tickets back and refund them; all of a member's without a number."""

    member: Member
    event: Name
    count: Number | None = None


@expectation("tickets EVENT: SOLD sold, LEFT left")
class TicketsAre(Expectation):
    """How many tickets of an event are sold, and how many there are still to be had."""

    event: Name
    sold: Number
    left: Number
