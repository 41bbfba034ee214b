"""A list's present filters are kept under a name, and removed again."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve

from paidthru.actions.drop_view import drop_view
from paidthru.actions.keep_view import change_view, keep_view, kept_query
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import told
from paidthru.faces.console.acting_forms import worded
from paidthru.faces.console.kept_views import is_list, view_of
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import SavedView


class ViewForm(forms.Form):
    """The name of a kept view, and whether it is everybody's: only for who may share."""

    name = forms.CharField(
        label="Name", max_length=60, widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"})
    )
    shared = forms.BooleanField(label="For everybody here", required=False)

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["shared"]


@staff_page("view")
def keep(visit: Visit) -> HttpResponseBase:
    """Keeps what is shown; back to it."""
    if visit.request.method != "POST":
        return redirect(visit.url())
    posted = visit.request.POST
    path, query = posted.get("path", ""), posted.get("query", "").replace("\0", "")
    if not is_list(path) or not _leads_somewhere(visit, path):
        raise Http404
    shared = posted.get("shared") == "yes"
    if shared:
        visit.must("share_view")
    back = visit.url(f"{path}?{kept_query(query)}")
    try:
        kept = keep_view(
            visit.organization, path=path, query=query, name=posted.get("name", "").replace("\0", ""),
            owner=None if shared else visit.user, actor=visit.actor, now=visit.desk.clock.now(),
        )  # fmt: skip
    except Refused as refused:
        return told(visit, refused, back)
    messages.success(visit.request, f"“{kept.name}” is kept.")
    return redirect(visit.url(f"{path}?{kept.query}"))


@staff_page("view")
def change(visit: Visit, view_id: UUID) -> HttpResponseBase:
    """Another name, or everybody's from now on: one's own, or everybody's for who may share."""
    found = _own_to_change(visit, view_id)
    if found is None:
        raise Http404
    form = ViewForm(
        visit.request.POST or None,
        initial={"name": found.name, "shared": found.owner_id is None},
        may_share=visit.may("share_view"),
    )
    back = visit.url(f"{found.path}?{found.query}")
    if form.is_valid():
        owner = None if form.cleaned_data.get("shared") else visit.user
        try:
            kept = change_view(
                visit.organization, found.id, name=form.cleaned_data["name"], owner=owner, actor=visit.actor,
                now=visit.desk.clock.now(),
            )  # fmt: skip
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, worded(refused))
        else:
            messages.success(visit.request, f"“{kept.name}” is kept.")
            return redirect(back)
    page = FormPage(f"Change the view “{found.name}”", form, "Save", cancel_url=back)
    return visit.page(page, status=422 if form.errors else 200)


def _own_to_change(visit: Visit, view_id: UUID) -> SavedView | None:
    """A view that the person may change or remove; None where there is none that they see."""
    found = view_of(visit.organization, visit.user, view_id)
    if found is not None and found.owner_id is None and not visit.may("share_view"):
        raise PermissionDenied("This view is everybody’s. Who may share views may change or remove it.")
    return found


def _leads_somewhere(visit: Visit, path: str) -> bool:
    try:
        resolve(visit.url(path))
    except Resolver404:
        return False
    return True


@staff_page("view")
def drop(visit: Visit, view_id: UUID) -> HttpResponseBase:
    """Removes one: one's own, or everybody's for who may share."""
    found = _own_to_change(visit, view_id)
    if found is None:
        if visit.request.method == "POST":
            messages.info(visit.request, "That was done already; nothing was done twice.")
            return redirect(visit.url())
        raise Http404
    back = visit.url(found.path)
    if visit.request.method == "POST":
        drop_view(visit.organization, found.id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"“{found.name}” is no longer kept.")
        return redirect(back)
    for_ = "for everybody here" if found.owner_id is None else "for you"
    confirm = Confirm(
        visit.url(f"views/{found.id}/drop/"),
        "Remove it",
        (f"The list and its filters stay; only the name goes, {for_}.",),
        cancel_url=back,
    )
    return visit.page(ConfirmPage(f"Remove the view “{found.name}”?", confirm))
