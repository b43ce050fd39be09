"""Sessions in PostgreSQL whose rows hold only a hash of the cookie: reading the table gives nobody a session."""

import hashlib
from typing import Any

from django.contrib.sessions.backends import db


def _stored(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    """Django's database sessions, looked up by hash."""

    def _get_session_from_db(self) -> Any:
        cookie_key = self._session_key
        try:
            self._session_key = _stored(cookie_key) if cookie_key else cookie_key
            found = super()._get_session_from_db()  # type: ignore[misc]  # not in the stubs
        finally:
            if self._session_key is not None:
                self._session_key = cookie_key
        return found

    def exists(self, session_key: str) -> bool:
        """Tell whether the cookie names a stored session."""
        return super().exists(_stored(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Build the row to store."""
        row = super().create_model_instance(data)
        row.session_key = _stored(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Remove the stored session."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(_stored(key))
