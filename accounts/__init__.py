"""
Who people are: the user model, roles, sign-in, API tokens.

Owns the user table. Password hashes and refresh tokens live in Logs MongoDB (documents.repositories), never here.
Sends no mail and stores no link: links are made by `selectors` at the moment a mail is sent.
Emits accounts.user.* events; hears its own, to begin a customer's profile document.
"""
