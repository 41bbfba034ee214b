"""What the tests of the console's acts share: members who paid, forms that are filled in, confirmed and sent again."""

import re
from html import unescape

from django.test import Client
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import World

from paidthru.organizations.models import User

PAIR = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def at(world: World, path: str = "") -> str:
    return f"/o/{world.organization.slug}/{path}"


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of the act on a page, the token of the form left out."""
    main = html.split("<main", 1)[1]
    return {name: unescape(value) for name, value in PAIR.findall(main) if name != "csrfmiddlewaretoken"}


def text(client: Client, path: str, status: int = 200) -> str:
    """A page's words."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code, words(answer.content))
    return words(answer.content)


def filled(client: Client, path: str, status: int = 200, **fields: str) -> str:
    """The page that follows upon filling in the form at an address: what will happen, or what is wrong."""
    form = client.get(path)
    assert form.status_code == 200, (form.status_code, words(form.content))
    answer = client.post(path, hidden(form.content.decode()) | fields)
    assert answer.status_code == status, (answer.status_code, words(answer.content))
    return answer.content.decode()


def confirmed(client: Client, path: str, page: str) -> str:
    """Presses the button of a confirm page; the words of where that leads."""
    answer = client.post(path, hidden(page), follow=True)
    assert answer.status_code in (200, 409, 422), (answer.status_code, words(answer.content))
    return words(answer.content)


def done(client: Client, path: str, **fields: str) -> str:
    """Fills the form in, reads what will happen, and confirms it twice, as a double click does."""
    page = filled(client, path, 200, **fields)
    said = confirmed(client, path, page)
    again = confirmed(client, path, page)
    assert "That was done already; nothing was done twice." in again, again
    return said


def kim(world: World) -> Client:
    """Another approver than whoever `signed_in` gives."""
    client = signed_in(world, "approver", email="kim@maple.example")
    User.objects.filter(email="kim@maple.example").update(name="Kim Approver")
    return client


def read_many(client: Client, world: World, path: str, **asked: str | list[str]) -> str:
    """The page of an act for many rows of a list."""
    answer = client.get(at(world, path), asked)
    assert answer.status_code == 200, words(answer.content)
    return answer.content.decode()


def posted_many(page: str) -> dict[str, object]:
    """What its button posts."""
    fields: dict[str, object] = dict(hidden(page))
    picks = re.findall(r'name="pick" value="([^"]+)"', page.split("<main", 1)[1])
    return fields | ({"pick": picks} if picks else {})


def press_many(client: Client, world: World, path: str, fields: dict[str, object]) -> tuple[int, str]:
    """Presses it; the status and the words of where that leads."""
    answer = client.post(at(world, path), fields, follow=True)
    return answer.status_code, unescape(words(answer.content))
