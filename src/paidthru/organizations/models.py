"""Tables of the organizations room."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from paidthru.kernel.ids import new_id


class Accounts(BaseUserManager["User"]):
    """Looks a user up by e-mail address, which is how they sign in."""


class User(AbstractBaseUser):
    """A person who signs in as staff, of one organization or of several (see StaffRole)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Accounts] = Accounts()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Organization(models.Model):
    """Who bills. `sandbox_now` is a sandbox's own clock (UTC); a live organization has none.

    `sandbox_goal` is where a worker is to move that clock, while it is on its way. `forked_from` is the organization
    whose copy this is, for a rehearsal: only the rehearsal moves it.
    """

    class Mode(models.TextChoices):
        LIVE = "live"
        SANDBOX = "sandbox"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    preset = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    zone = models.CharField(max_length=64)
    locale = models.CharField(max_length=20, default="en_US")
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.SANDBOX)
    sandbox_now = models.DateTimeField(null=True)
    sandbox_goal = models.DateTimeField(null=True)
    worker_stopped = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    forked_from = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(forked_from=None) | models.Q(mode="sandbox"), name="a_fork_is_a_sandbox"
            ),
            models.CheckConstraint(
                condition=models.Q(mode="sandbox", sandbox_now__isnull=False)
                | models.Q(mode="live", sandbox_now__isnull=True),
                name="only_a_sandbox_has_its_own_clock",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sandbox(self) -> bool:
        """True where no real money moves and the clock is the organization's own."""
        return self.mode == self.Mode.SANDBOX


class Install(models.Model):
    """This installation, one row. Its fingerprint and epoch are kept outside the database too: where the two differ,
    the database was restored or copied, and live charging is frozen until a person releases it (field-notes C.10).

    `place` is the database that these rows lie in, as PostgreSQL tells it: a copy lies elsewhere. `earlier` are the
    fingerprints under which what this database knows was made before: their objects at a gateway are ours too.
    `known_until` is the last instant of which the database knew when it was frozen.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    one = models.BooleanField(default=True, unique=True)
    fingerprint = models.UUIDField()
    epoch = models.IntegerField()
    place = models.CharField(max_length=60, blank=True)
    earlier = models.JSONField(default=list)
    frozen_at = models.DateTimeField(null=True)  # database time
    frozen_kind = models.CharField(max_length=10, blank=True)  # restored | moved | person
    frozen_why = models.CharField(max_length=300, blank=True)
    known_until = models.DateTimeField(null=True)
    replayed_at = models.DateTimeField(
        null=True
    )  # database time: when the gateways were read through for the freeze

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(one=True), name="one_install"),
        ]


class Owned(models.Model):
    """A row of one organization. Indexes that start with the organization are named by each table itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")

    class Meta:
        abstract = True


class StaffRole(Owned):
    """A user's role in an organization (field-notes E.3; what each may do: `rules/roles.py`)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "user", "role"], name="one_row_per_role"),
        ]


class PolicySetting(Owned):
    """A policy set by somebody, at one of four scopes; what is not set comes from the preset (G-09)."""

    scope = models.CharField(max_length=20)  # organization | customer | plan | subscription
    scope_id = models.UUIDField(null=True)
    key = models.CharField(max_length=60)
    value = models.JSONField()
    set_by = models.CharField(max_length=200)
    set_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "scope", "scope_id", "key"],
                name="one_value_per_scope_and_key",
                nulls_distinct=False,
            ),
        ]


class PolicyChange(Owned):
    """Policies that are to change on a later day, at one scope, by themselves; `values` has null for what is removed.

    `comes_on` is a local date: the change holds from its first minute. `outcome` says what became of it.
    """

    class Outcome(models.TextChoices):
        PLANNED = "planned"
        MADE = "made"
        WITHDRAWN = "withdrawn"
        REFUSED = "refused"

    scope = models.CharField(max_length=20)  # organization | customer | plan | subscription
    scope_id = models.UUIDField(null=True)
    values = models.JSONField()
    comes_on = models.DateField()
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.PLANNED)
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=500, blank=True)  # why it was refused when its day came

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "comes_on"],
                condition=models.Q(outcome="planned"),
                name="planned_policy_changes",
            ),
        ]


class PolicyExample(Owned):
    """What an organization expects of its policies, in the form of a story without its organization line.

    A change of policy that breaks one is refused until the example is changed too. `source` is `preset` where it came
    with the preset, else who wrote it; `position` is its place in the list, from 1. `name` is its title.

    `told_at` is when it was last told (the organization's time), `told_with` stands for the policies it was told with
    (`rules.examples.settings_digest`), `failing` is the line that did not hold.
    """

    name = models.CharField(max_length=200)
    text = models.TextField()
    source = models.CharField(max_length=200)
    position = models.IntegerField()
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    told_with = models.CharField(max_length=64, blank=True, default="", db_default="")
    failing = models.JSONField(default=list, db_default=[])

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_policy_example_per_name"),
        ]


class Series(Owned):
    """A counter that leaves no gap: taken under its row lock in the transaction that uses the numbers."""

    name = models.CharField(max_length=40)
    next_value = models.BigIntegerField(default=1)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_counter_per_series"),
        ]


class SeriesGap(Owned):
    """Numbers of a series that were taken and not used, with the reason (invariant: no hole without one)."""

    name = models.CharField(max_length=40)
    first = models.BigIntegerField()
    count = models.BigIntegerField()
    reason = models.CharField(max_length=300)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["organization", "name"])]


class Mark(Owned):
    """How far something recurring has got, by its name: an instant, the business's or the database's as it says."""

    name = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_mark_per_name"),
        ]


class ExchangeRate(Owned):
    """What one unit of a currency was worth on a day, in the organization's own (A-38): for the equivalents that
    reports give, never for what is booked. `source` says where the figure is from."""

    currency = models.CharField(max_length=3)
    valid_on = models.DateField()  # local date; it holds until a later day has one
    rate = models.DecimalField(max_digits=24, decimal_places=12)
    source = models.CharField(max_length=120)
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "currency", "valid_on"], name="one_exchange_rate_a_day"
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_is_positive"),
        ]


class BrandLogo(Owned):
    """A logo that was taken in: what it is was looked at, not believed (rules/logos.py). Never changed."""

    kind = models.CharField(max_length=4)  # png | jpg | svg
    content = models.BinaryField()
    digest = models.CharField(max_length=64)  # SHA-256, in hexadecimal

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "digest"], name="one_row_per_logo"),
        ]


class OrganizationBrand(Owned):
    """How the organization stands on its documents, from an instant on: a version, never changed; the newest counts.

    `name` is the one in law; `address`, `contact`, `footer` and `payment` are lines. `country` has two letters. The
    colours are `#rrggbb`. `electronic` puts the invoice as data into its PDF (Factur-X).
    """

    number = models.IntegerField()
    name = models.CharField(max_length=200)
    address = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True)
    contact = models.TextField(blank=True)
    tax_number = models.CharField(max_length=60, blank=True)
    footer = models.TextField(blank=True)
    payment = models.TextField(blank=True)
    accent = models.CharField(max_length=7)
    band = models.CharField(max_length=7)
    logo = models.ForeignKey(BrandLogo, on_delete=models.PROTECT, null=True, related_name="+")
    electronic = models.BooleanField(default=False)
    set_by = models.CharField(max_length=200)
    set_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_brand_per_number"),
        ]


class Rehearsal(Owned):
    """The next months of the organization, played in copies of it that move no money and mail nobody.

    `changes` are the policies of the second course (null: unset), empty where only the present ones are played. Of a
    thousand charges `declined` are turned down for want of money, of a thousand ways to pay `lost` are closed in a
    year; of a thousand invoices that nobody collects `by_hand` are paid, so many days after they are due.
    """

    name = models.CharField(max_length=100)
    months = models.SmallIntegerField()
    changes = models.JSONField(default=dict)
    declined = models.SmallIntegerField()
    lost = models.SmallIntegerField()
    by_hand = models.SmallIntegerField()
    by_hand_days = models.SmallIntegerField()
    begins_at = models.DateTimeField()  # the organization's time when it was asked for
    asked_by = models.CharField(max_length=200)
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(months__gte=1, months__lte=24), name="a_rehearsal_is_of_some_months"
            ),
            models.CheckConstraint(
                condition=models.Q(declined__gte=0, declined__lte=1000, lost__gte=0, lost__lte=1000)
                & models.Q(by_hand__gte=0, by_hand__lte=1000, by_hand_days__gte=0),
                name="a_rehearsal_counts_of_a_thousand",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "id"], name="rehearsal_in_order"),
        ]


class Course(Owned):
    """One way in which a rehearsal goes: by the present policies, or by the proposed ones. States:
    rules/rehearsing.py. `fork_id` is the copy that lives through it, `figures` what came of it, month by month
    (runs/rehearsed.py), kept when the copy is thrown away; `earlier` is what had happened on its first day before."""

    rehearsal = models.ForeignKey(Rehearsal, on_delete=models.PROTECT, related_name="courses")
    kind = models.CharField(max_length=8)  # present | proposed
    state = models.CharField(max_length=10, default="waiting")
    fork_id = models.UUIDField(null=True)
    reached_at = models.DateTimeField(null=True)  # the copy's time
    figures = models.JSONField(null=True)
    earlier = models.JSONField(null=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rehearsal", "kind"], name="one_course_of_a_kind"),
        ]


class SavedView(Owned):
    """A list of the console with filters and order under a name. `path` is the list's address below the organization's,
    `query` what stands behind the question mark. Without an `owner` it is everybody's."""

    path = models.CharField(max_length=200)
    query = models.CharField(max_length=1000)
    name = models.CharField(max_length=60)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    kept_by = models.CharField(max_length=200)
    kept_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "path", "owner", "name"],
                name="one_view_per_name",
                nulls_distinct=False,
            ),
        ]


class SignIn(models.Model):
    """A browser in which a user is signed in: one session of Django's, told apart in words for its owner.

    `how` is password, link, passkey or provider, with +passkey, +code or +recovery where a second step was asked; empty
    for one from before this was kept. `seen_at` is some minutes behind: it isn't written at each page.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=80)
    how = models.CharField(max_length=20)
    started_at = models.DateTimeField()  # the machine's clock, also in a sandbox
    seen_at = models.DateTimeField()


class Tries(models.Model):
    """How often strangers tried something: wrong passwords, codes and links, questions at public pages. `key` is a
    digest of what is counted, so that no address stands here; from `over_at` (the database's clock) on the row counts
    for nothing. It belongs to no organization: whoever tries is nobody's yet.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.IntegerField()
    over_at = models.DateTimeField(db_index=True)


class CodeGenerator(models.Model):
    """The app on somebody's phone that makes a code every half minute (RFC 6238). `secret` is sealed; `last_step` is
    the half minute of the last code that was used, after which none up to it is good any more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="code_generator")
    secret = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()


class RecoveryCode(models.Model):
    """A code that stands in for a lost phone, once. Only its digest is kept; the code itself is shown when made."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "digest"], name="one_row_per_recovery_code"),
        ]


class Passkey(models.Model):
    """A key in somebody's device that signs them in (WebAuthn). `handle` is the credential's id, `public_key` what it
    attested; `count` is the signature counter, 0 where the device keeps none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="passkeys")
    name = models.CharField(max_length=80)
    handle = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    count = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
