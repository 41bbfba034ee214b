"""How invoices are numbered: patterns, and the labels of one row of numbers over several series (A-10, A-55)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.invoicing.rules.numbering import Stretch, labels_of, stretch_for
from paidthru.kernel.errors import Refused
from paidthru.organizations.rules.numbering import fiscal_year, labelled, numbering
from paidthru.organizations.rules.policies import parse


@pytest.mark.parametrize(
    ("pattern", "reads"),
    [("{n}", "7"), ("{n:5}", "00007"), ("INV-{year}-{n:5}", "INV-2026-00007"), ("{year}/{n}", "2026/7")],
)
def test_a_pattern_says_how_a_number_reads(pattern: str, reads: str) -> None:
    parts = numbering(pattern)
    assert labelled(parts.prefix(2026), parts.width, 7) == reads


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "stands in it once"),
        ("INV-", "stands in it once"),
        ("{n}-{n}", "stands in it once"),
        ("{year}-{year}-{n}", "once at most"),
        ("{month}-{n}", "“{month}” means nothing"),
        ("{n:0}", "means nothing"),
        ("{n:12}", "means nothing"),
        ("INV-{n", "means nothing"),
        ("=HYPERLINK-{n}", "letters from A to Z"),
        ("Rëchnung {n}", "letters from A to Z"),
        ("A\n{n}", "letters from A to Z"),
        ("{n}/{year}", "stands last"),
        ("{year}{n}", "A sign has to stand"),
        ("4{n}", "A sign has to stand"),
        ("A" * 38 + "{n}", "longer than 40"),
    ],
)
def test_a_pattern_that_can_t_number_is_refused_with_its_reason(pattern: str, why: str) -> None:
    with pytest.raises(Refused, match=r"invoice\.numbering can't be") as refused:
        parse("invoice.numbering", pattern)
    assert refused.value.code == "policy_value_invalid"
    assert refused.value.field == "invoice.numbering"
    assert why in refused.value.message


def test_the_fiscal_year_is_named_by_where_it_begins() -> None:
    assert fiscal_year(date(2026, 6, 30), 7).start.year == 2025
    assert fiscal_year(date(2026, 7, 1), 7).start.year == 2026
    assert fiscal_year(date(2026, 12, 31), 0).start == date(2026, 1, 1)


_SERIES = st.tuples(st.sampled_from(["", "2026-", "2027-", "INV-2026-", "INV/"]), st.integers(1, 5))


@given(st.lists(st.tuples(_SERIES, st.integers(1, 12)), max_size=30))
def test_each_series_counts_from_one_and_no_two_invoices_read_the_same(
    takes: list[tuple[tuple[str, int], int]],
) -> None:
    stretches: list[Stretch] = []
    number, wanted = 1, dict[int, str]()
    for (prefix, width), count in takes:
        begun = stretch_for(stretches, number, prefix, width)
        stretches += [begun] if begun else []
        wanted |= dict.fromkeys(range(number, number + count), prefix)
        number += count
    labels = labels_of(stretches, wanted)
    assert len(set(labels)) == len(labels)
    for prefix in set(wanted.values()):
        mine = [n for n, its in wanted.items() if its == prefix]
        values = [
            int(label.removeprefix(prefix)) for n, label in zip(wanted, labels, strict=True) if n in mine
        ]
        assert values == (list(range(1, len(mine) + 1)) if prefix else mine)
        assert all(label.startswith(prefix) for n, label in zip(wanted, labels, strict=True) if n in mine)
