"""Acts for many rows of a list: what an act is, what the rows are, and what stands under the list.

An act says first what it would do to each, or why it leaves it; its page: `views/bulk.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.http import QueryDict

from paidthru.dunning.models import Case
from paidthru.faces.console.access import Visit
from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.parts import Bulk, Choice, Link, Query
from paidthru.invoicing.models import Invoice
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership

MOST = 200
T = TypeVar("T", Membership, Invoice, Case)
MakesForm = Callable[[Visit, QueryDict | None, dict[str, Any]], ActForm]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an act would do to one: in a few words, in whole sentences, and the amounts that it is about."""

    what: str
    why: str = ""
    amounts: tuple[Money, ...] = ()


def no_questions(visit: Visit, posted: QueryDict | None, initial: dict[str, Any]) -> ActForm:
    """The form of an act that asks for nothing: its key alone."""
    return ActForm(posted, initial=initial)


@dataclass(frozen=True, slots=True)
class BulkAct(Generic[T]):
    """An act: what it is called before and after, the act of a role that it needs, what it would do to one (Refused:
    why it leaves it), and the doing, once under a key, with what was entered.

    `sums` are the words for what the amounts of all come to, "" where they come to nothing that one would add up;
    `besides` is what else is to be known before; `form` asks for what the act needs, such as a reason."""

    label: str
    done: str
    needs: str
    foretell: Callable[[Visit, T], Foreseen]
    do: Callable[[Visit, T, dict[str, Any], str], object]
    sums: str = ""
    besides: str = ""
    form: MakesForm = no_questions
    danger: bool = False


def _nothing_more(visit: Visit) -> None:
    """For acts that ask nobody for work."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A list whose rows can be acted on together: where it stands (`path`, and `current` in the menu), who may see its
    acts, its filters and acts, how one and many are called, and how one is shown.

    `key` names the rows in the order of the page; `afterwards` is done once when all were."""

    path: str
    current: str
    needs: str
    filters: tuple[str, ...]
    acts: Mapping[str, BulkAct[T]]
    noun: Callable[[Visit], tuple[str, str]]
    title: Callable[[Visit], str]
    subject: Callable[[Visit, T], Link]
    related: tuple[str, ...]
    order: tuple[str, ...]
    none_chosen: str
    afterwards: Callable[[Visit], None] = field(default=_nothing_more)

    @property
    def page(self) -> str:
        """The path of the page of its acts."""
        return f"{self.path}bulk/"

    def kept(self, asked: Mapping[str, Any]) -> Query:
        """The filters among what was asked for."""
        return tuple((name, str(asked[name])) for name in self.filters if asked.get(name))

    def bulk(self, visit: Visit, total: int | None, query: Query) -> Bulk | None:
        """The acts that the person may do for many of the list; `total`: how many it shows, None where that isn't
        counted."""
        acts = tuple(Choice(name, act.label) for name, act in self.acts.items() if visit.may(act.needs))
        if not acts or not visit.may(self.needs):
            return None
        return Bulk(visit.url(self.page), acts, total, self.kept(dict(query)))

    def pick(self, visit: Visit, id_: UUID) -> str:
        """What a row posts, "" where the person can do nothing with it."""
        return str(id_) if visit.may(self.needs) else ""
