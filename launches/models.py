"""Tables of what is offered."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from common.dates import Precision, departure_text, departure_text_short
from launches.enums import ON_SALE, LaunchStatus, MemberRole, Range, SupplierStatus

PRECISIONS = [(item.value, item.value) for item in Precision]


class Supplier(models.Model):
    """A launch company."""

    slug = models.SlugField(max_length=80, unique=True)
    trade_name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    contact_email = models.EmailField(blank=True)
    legal_name = models.CharField(max_length=160, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    legal_address = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=SupplierStatus.choices, default=SupplierStatus.APPLIED)
    feed_id = models.CharField(max_length=60, null=True, blank=True, unique=True, help_text="id in Launch Library 2")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="launches_supplier_status_is_known", condition=Q(status__in=SupplierStatus.values)
            ),
            models.CheckConstraint(
                name="launches_approved_supplier_has_legal_data",
                condition=~Q(status=SupplierStatus.APPROVED) | ~(Q(legal_name="") | Q(tax_id="") | Q(legal_address="")),
                violation_error_message="An approved supplier needs its legal name, tax id and legal address.",
            ),
        ]

    def __str__(self) -> str:
        return self.trade_name

    @property
    def has_legal_data(self) -> bool:
        """Whether everything that selling needs is filled in."""
        return bool(self.legal_name and self.tax_id and self.legal_address)


class SupplierMember(models.Model):
    """A user who works for a supplier; each for one only."""

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="members")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="supplier_member")
    role = models.CharField(max_length=10, choices=MemberRole.choices)

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} of {self.supplier_id}"


class Rocket(models.Model):
    """A vehicle of a supplier; its cabin is its seats."""

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="rockets")
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True)
    range = models.CharField(max_length=20, choices=Range.choices)
    is_active = models.BooleanField(default=True)
    feed_id = models.CharField(max_length=60, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier", "name"], name="launches_one_rocket_name_per_supplier"),
            models.UniqueConstraint(fields=["supplier", "feed_id"], name="launches_one_rocket_per_feed_id"),
            models.CheckConstraint(name="launches_rocket_range_is_known", condition=Q(range__in=Range.values)),
        ]

    def __str__(self) -> str:
        return self.name


class CabinSeat(models.Model):
    """A numbered seat of a rocket's cabin."""

    rocket = models.ForeignKey(Rocket, on_delete=models.CASCADE, related_name="seats")
    label = models.CharField(max_length=6)
    row = models.PositiveSmallIntegerField()
    column = models.PositiveSmallIntegerField()
    is_window = models.BooleanField(default=False)
    is_exit = models.BooleanField(default=False)
    is_blocked = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rocket", "label"], name="launches_one_cabin_seat_per_label"),
            models.UniqueConstraint(fields=["rocket", "row", "column"], name="launches_one_cabin_seat_per_place"),
        ]

    def __str__(self) -> str:
        return self.label


class Spaceport(models.Model):
    """A shared place that rockets leave from."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=60)
    latitude = models.DecimalField(
        max_digits=8, decimal_places=5, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.DecimalField(
        max_digits=8, decimal_places=5, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    time_zone = models.CharField(max_length=40)
    feed_id = models.CharField(max_length=60, null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="launches_spaceport_lies_on_earth",
                condition=Q(latitude__range=(-90, 90)) & Q(longitude__range=(-180, 180)),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Destination(models.Model):
    """Where passengers go."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True)
    required_range = models.CharField(max_length=20, choices=Range.choices)
    body = models.CharField(
        max_length=10,
        choices=[("earth", "Earth"), ("station", "Space station"), ("moon", "Moon"), ("mars", "Mars")],
        default="earth",
        help_text="what pictures show",
    )

    def __str__(self) -> str:
        return self.name


class CancellationPolicy(models.Model):
    """How much comes back when; copied into each booking at purchase."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    tiers = models.JSONField(help_text='[{"months": 12, "percent": 90}, {"months": 3, "percent": 70}], longest first')

    class Meta:
        verbose_name_plural = "cancellation policies"

    def __str__(self) -> str:
        return self.name


class LaunchQuerySet(models.QuerySet["Launch"]):
    """Chainable narrowings."""

    def on_sale(self) -> "LaunchQuerySet":
        """Keep launches of approved suppliers whose status sells seats."""
        return self.filter(status__in=ON_SALE, supplier__status=SupplierStatus.APPROVED)

    def with_names(self) -> "LaunchQuerySet":
        """Fetch what every list shows, in the same query."""
        return self.select_related("supplier", "rocket", "spaceport", "destination")


class Launch(models.Model):
    """A flight that seats are sold on."""

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="launches")
    rocket = models.ForeignKey(Rocket, on_delete=models.PROTECT, related_name="launches")
    spaceport = models.ForeignKey(Spaceport, on_delete=models.PROTECT, related_name="launches")
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="launches")
    cancellation_policy = models.ForeignKey(CancellationPolicy, on_delete=models.PROTECT, related_name="launches")
    mission_name = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    slug = models.SlugField(max_length=200, unique=True)
    departure_at = models.DateTimeField(help_text="no earlier than, UTC; exact only as far as its precision")
    departure_precision = models.CharField(max_length=10, choices=PRECISIONS)
    price_amount = models.DecimalField(max_digits=14, decimal_places=3)
    price_currency = models.CharField(max_length=3, default="USD")
    seats_on_sale = models.PositiveSmallIntegerField()
    minimum_occupancy_percent = models.PositiveSmallIntegerField(default=20)
    status = models.CharField(max_length=10, choices=LaunchStatus.choices, default=LaunchStatus.DRAFT)
    reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="grows with every change; documents carry it")
    viability_warned_at = models.DateTimeField(null=True, blank=True)
    feed_id = models.UUIDField(null=True, blank=True, unique=True)
    feed_digest = models.CharField(max_length=64, blank=True, help_text="of the feed's record at the latest import")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LaunchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "launches"
        constraints = [
            models.CheckConstraint(name="launches_price_is_not_negative", condition=Q(price_amount__gte=Decimal(0))),
            models.CheckConstraint(name="launches_sells_at_least_one_seat", condition=Q(seats_on_sale__gte=1)),
            models.CheckConstraint(
                name="launches_minimum_occupancy_is_a_percentage", condition=Q(minimum_occupancy_percent__lte=100)
            ),
            models.CheckConstraint(name="launches_status_is_known", condition=Q(status__in=LaunchStatus.values)),
            models.CheckConstraint(
                name="launches_precision_is_known",
                condition=Q(departure_precision__in=[item.value for item in Precision]),
            ),
            models.CheckConstraint(
                name="launches_aborted_or_delayed_says_why",
                condition=~Q(status__in=[LaunchStatus.ABORTED, LaunchStatus.DELAYED]) | ~Q(reason=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["departure_at", "id"], condition=Q(status__in=ON_SALE), name="launches_on_sale_by_date"
            ),
            models.Index(fields=["supplier", "departure_at", "id"], name="launches_of_supplier"),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def title(self) -> str:
        """What people call it: "New Shepard to the edge of space"."""
        return f"{self.rocket.name} to {self.destination.name}"

    @property
    def departure_text(self) -> str:
        """The departure, as exactly as is honest, at the spaceport."""
        return departure_text(self.departure_at, self.departure_precision, self.spaceport.time_zone)

    @property
    def departure_text_short(self) -> str:
        """The departure's date part only."""
        return departure_text_short(self.departure_at, self.departure_precision, self.spaceport.time_zone)

    @property
    def is_on_sale(self) -> bool:
        """Whether its status sells seats."""
        return self.status in ON_SALE


class LaunchSlug(models.Model):
    """An address a launch had before its date changed; it redirects."""

    slug = models.SlugField(max_length=200, unique=True)
    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug


class LaunchSeat(models.Model):
    """
    One seat of one launch: the row that is locked before its seat is claimed.

    Which seats are sold is told by bookings.SeatClaim; here stands only what is offered.
    """

    launch = models.ForeignKey(Launch, on_delete=models.PROTECT, related_name="seats")
    label = models.CharField(max_length=6)
    row = models.PositiveSmallIntegerField()
    column = models.PositiveSmallIntegerField()
    is_window = models.BooleanField(default=False)
    is_exit = models.BooleanField(default=False)
    is_blocked = models.BooleanField(default=False, help_text="withdrawn from sale by the supplier")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["launch", "label"], name="launches_one_seat_per_label")]
        indexes = [
            # In the order in which a single traveller gets them: bookings.statements stops at the first free one.
            models.Index(
                "launch",
                F("is_window").desc(),
                "row",
                "column",
                condition=Q(is_blocked=False),
                name="launches_seats_best_first",
            )  # fmt: skip
        ]

    def __str__(self) -> str:
        return f"{self.launch_id} {self.label}"


class LaunchHistory(models.Model):
    """A change of a launch: who, when, where from, old and new."""

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="history")
    changed_at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=10)
    field = models.CharField(max_length=40)
    old_value = models.TextField(blank=True)
    new_value = models.TextField(blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "launch history"
        indexes = [models.Index(fields=["launch", "changed_at", "id"], name="launches_history_in_order")]

    def __str__(self) -> str:
        return f"{self.launch_id} {self.field} {self.changed_at:%Y-%m-%d}"
