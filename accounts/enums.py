"""Stable codes for kinds of users and roles of employees."""

from django.db.models import TextChoices


class UserKind(TextChoices):
    """Exactly one a user."""

    CUSTOMER = "customer", "Customer"
    SUPPLIER = "supplier", "Supplier member"
    EMPLOYEE = "employee", "Employee"


class EmployeeRole(TextChoices):
    """What an employee works on."""

    SUPPORT = "support", "Support"
    FINANCE = "finance", "Finance"
    IT = "it", "IT"
    ADMIN = "admin", "Admin"
