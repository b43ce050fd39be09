import pytest

pytest.register_assert_rewrite("tests.models.watch", "tests.models.machine")  # say what differs
