"""Stable codes for kinds of users, roles of employees and languages."""

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


class Language(TextChoices):
    """What we write to people in; each says its own name. settings.LANGUAGES has the same ones."""

    ENGLISH = "en", "English"
    SPANISH = "es", "Español"
