"""What can be done with accounts; every door calls these."""

from accounts.services.passwords import password_change, password_reset, password_reset_request
from accounts.services.people import (
    customer_create,
    employee_create,
    password_reset_send,
    supplier_user_create,
    user_change,
    user_name_follow,
)
from accounts.services.places import sign_in_record
from accounts.services.profiles import (
    CONSENT_TO_KEEP,
    SAVED_PASSENGERS_MAX,
    profile_change,
    saved_passenger_add,
    saved_passenger_change,
    saved_passenger_remove,
    saved_passengers_forget,
)
from accounts.services.reading import reading_change
from accounts.services.registration import customer_register, email_confirm, email_confirmation_send
from accounts.services.second_factor import (
    Proposal,
    recovery_codes_make,
    second_factor_check,
    second_factor_enrol,
    second_factor_move,
    second_factor_propose,
    second_factor_reset,
)
from accounts.services.sessions import sessions_end
from accounts.services.tokens import TokenPair, token_pair_issue, token_refresh, token_revoke

__all__ = [
    "CONSENT_TO_KEEP",
    "SAVED_PASSENGERS_MAX",
    "Proposal",
    "TokenPair",
    "customer_create",
    "customer_register",
    "email_confirm",
    "email_confirmation_send",
    "employee_create",
    "password_change",
    "password_reset",
    "password_reset_request",
    "password_reset_send",
    "profile_change",
    "reading_change",
    "recovery_codes_make",
    "saved_passenger_add",
    "saved_passenger_change",
    "saved_passenger_remove",
    "saved_passengers_forget",
    "second_factor_check",
    "second_factor_enrol",
    "second_factor_move",
    "second_factor_propose",
    "second_factor_reset",
    "sessions_end",
    "sign_in_record",
    "supplier_user_create",
    "token_pair_issue",
    "token_refresh",
    "token_revoke",
    "user_change",
    "user_name_follow",
]
