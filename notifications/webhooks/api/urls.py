"""Addresses below /api/v1/supplier/ and /api/v1/employee/."""

from accounts.api.permissions import IsEmployee, IsSupplierMember
from accounts.enums import EmployeeRole
from notifications.webhooks.api.views import patterns

supplier_urlpatterns = patterns("supplier", IsSupplierMember)
employee_urlpatterns = patterns("employee", IsEmployee.of(EmployeeRole.IT))
