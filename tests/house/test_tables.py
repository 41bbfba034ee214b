"""What every table has, and where it may point."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import models

from .house import floor_of, package_of, tables

#: A user may be staff of several organizations; an organization is its own; the installation is everybody's.
SHARED = {"organizations.User", "organizations.Organization", "organizations.Install"} | {
    # how a user signs in, which is the same for each organization that they work for
    f"organizations.{name}"
    for name in ("SignIn", "CodeGenerator", "RecoveryCode", "Passkey")
}
SHARED.add("organizations.Tries")  # wrong passwords and the like: whoever tries is nobody's yet


def test_every_table_has_its_organization() -> None:
    without = []
    for table in tables():
        if table._meta.label in SHARED:
            continue
        owner = [field for field in table._meta.concrete_fields if field.attname == "organization_id"]
        if not owner or owner[0].null:
            without.append(table._meta.label)
    assert not without, "each row belongs to one organization"


def test_foreign_keys_point_to_the_same_or_a_lower_floor() -> None:
    upward = []
    for table in tables():
        for field in table._meta.get_fields():
            if not isinstance(field, models.ForeignKey | models.ManyToManyField):
                continue
            target = field.remote_field.model
            assert not isinstance(target, str)
            here = floor_of(package_of(table))
            if not target.__module__.startswith("paidthru.") or floor_of(package_of(target)) > here:
                upward.append(f"{table._meta.label}.{field.name} -> {target._meta.label}")
    assert not upward


def test_no_foreign_key_cascades() -> None:
    """What money hangs on is not deleted along with something else."""
    cascading = [
        f"{table._meta.label}.{field.name}"
        for table in tables()
        for field in table._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE
    ]
    assert not cascading


#: A rate is no amount: exact decimals, by which reports and processors convert (A-38, A-39).
RATES = {"organizations.ExchangeRate.rate", "payments.BalanceLine.exchange_rate"}


def test_money_is_whole_minor_units() -> None:
    wrong = {
        f"{table._meta.label}.{field.name}"
        for table in tables()
        for field in table._meta.concrete_fields
        if isinstance(field, models.FloatField | models.DecimalField)
        or (field.name.endswith("_minor") and not isinstance(field, models.BigIntegerField))
    }
    assert wrong == RATES


@pytest.mark.django_db
def test_there_is_a_migration_for_every_table() -> None:
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())
