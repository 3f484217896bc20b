"""The tests in a booted Debian run only when they are named: `make test-systemd`."""

import pytest

collect_ignore = ["test_readme.py", "test_service.py"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "systemd: the installed service in a Debian booted for it; needs root")
