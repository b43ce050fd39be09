"""Finance reads the ledger and the reconciliations of money."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsEmployee
from accounts.enums import EmployeeRole
from bookings import selectors as booking_selectors
from common.money import round_money
from common.web.api import IdempotentView, read_input, read_limit
from finance import selectors, services

IsMoneyDesk = IsEmployee.of(EmployeeRole.FINANCE)


class BalanceOutput(serializers.Serializer[Any]):
    account = serializers.CharField(help_text="gateway, bank, customers, suppliers, fees or goodwill")
    currency = serializers.CharField()
    amount = serializers.SerializerMethodField(help_text="what we have is positive, what we owe is negative")

    def get_amount(self, one: Any) -> str:
        return str(round_money(one.amount, one.currency))


class BalanceListOutput(serializers.Serializer[Any]):
    results = BalanceOutput(many=True)


class EntryOutput(BalanceOutput):
    kind = serializers.CharField(help_text="of the movement: charge, refund, refund_paid, transfer, repair ...")
    cause = serializers.CharField(source="source", help_text='"charge:..."; entries of one cause belong together')
    launch_id = serializers.IntegerField(allow_null=True)
    occurred_at = serializers.DateTimeField()
    note = serializers.CharField()


class EntryListOutput(serializers.Serializer[Any]):
    results = EntryOutput(many=True)


class FindingOutput(serializers.Serializer[Any]):
    kind = serializers.CharField(source="class", help_text="the class, as docs/ledger.md lists them")
    subject = serializers.CharField()
    expected = serializers.CharField()
    found = serializers.CharField()
    done = serializers.CharField()
    repaired = serializers.BooleanField()


class MoneyRunOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    day = serializers.DateField(allow_null=True)
    is_dry_run = serializers.BooleanField()
    looked_at = serializers.IntegerField()
    found = serializers.IntegerField()
    repaired = serializers.IntegerField()
    left = serializers.IntegerField(help_text="differences that people must look at")


class MoneyRunDetailOutput(MoneyRunOutput):
    findings = FindingOutput(many=True)


class MoneyRunListOutput(serializers.Serializer[Any]):
    results = MoneyRunOutput(many=True)


class MoneyRunInput(serializers.Serializer[Any]):
    day = serializers.DateField(required=False, allow_null=True, help_text="UTC; none looks at everything")
    dry_run = serializers.BooleanField(required=False, default=False)


class MoneyRunAskedOutput(serializers.Serializer[Any]):
    message = serializers.CharField()


class BalanceListView(APIView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_ledger_balance_list",
        tags=["employee"],
        summary="Read the balance of every account",
        responses=BalanceListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        found = selectors.balances(actor=request.user)
        return Response({"results": BalanceOutput(found, many=True).data})


class BookingLedgerView(APIView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_booking_ledger_list",
        tags=["employee"],
        summary="Read every ledger entry of a booking, the oldest first",
        responses=EntryListOutput,
    )
    def get(self, request: SignedInRequest, reference: str) -> Response:
        booking = booking_selectors.booking_get_for_employee(actor=request.user, reference=reference)
        found = selectors.ledger_of_booking(actor=request.user, booking_id=booking.pk)
        return Response({"results": EntryOutput(found, many=True).data})


class MoneyRunListView(IdempotentView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_money_reconciliation_list",
        tags=["employee"],
        summary="List reconciliations of money",
        responses=MoneyRunListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        found = selectors.money_run_list(actor=request.user, limit=read_limit(request))
        return Response({"results": MoneyRunOutput(found, many=True).data})

    @extend_schema(
        operation_id="employee_money_reconciliation_create",
        tags=["employee"],
        summary="Ask for a reconciliation of money; the worker does it",
        request=MoneyRunInput,
        responses={202: MoneyRunAskedOutput},
    )
    def post(self, request: SignedInRequest) -> Response:
        given = read_input(MoneyRunInput, request.data)

        def call() -> tuple[int, Any]:
            services.money_reconcile_request(actor=request.user, day=given.get("day"), is_dry_run=given["dry_run"])
            return 202, {"message": "It shows in the list as soon as the worker begins it."}

        return self.answer_once(request, call)


class MoneyRunView(APIView):
    permission_classes = (IsMoneyDesk,)

    @extend_schema(
        operation_id="employee_money_reconciliation_read",
        tags=["employee"],
        summary="Read a reconciliation of money with what it found",
        responses=MoneyRunDetailOutput,
    )
    def get(self, request: SignedInRequest, run_id: int) -> Response:
        run = selectors.money_run_get(actor=request.user, run_id=run_id)
        return Response(MoneyRunDetailOutput(run).data)
