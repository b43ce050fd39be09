"""
Who people are: the user model, roles, sign-in, API tokens.

Owns the user table. Password hashes and refresh tokens live in Logs MongoDB (documents.repositories), never here.
Emits accounts.user.* events; hears none.
"""
