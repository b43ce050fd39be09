"""
The browser of the browser tests: a Chromium of the system, else Playwright's own. A pytest plugin, like tests.servers.

Without any, the tests fail with a sentence; they never skip.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET_FLAGS = [  # nothing but the page under test may go over the network
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
INSTALL_TIMEOUT_S = 300

_found: list[str | None] = []


def browser_executable() -> str | None:
    """
    Return the path of a Chromium: CHROMIUM_PATH, the PATH, Playwright's own, at last one that Playwright installs now.

    None when there is no way to get one.
    """
    if not _found:
        _found.append(_find() or _playwright_chromium(install=True))
    return _found[0]


def launch_args() -> list[str]:
    """Return the flags Chromium is started with; root needs --no-sandbox."""
    return [*QUIET_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Tell pytest-playwright which browser to start and how."""
    executable = browser_executable()
    if executable is None:
        pytest.fail(
            "No Chromium for the browser tests: install one (Debian: apt-get install chromium), "
            "or name one in CHROMIUM_PATH. Playwright could not download its own.",
            pytrace=False,
        )
    return {**browser_type_launch_args, "executable_path": executable, "args": launch_args()}


def _find() -> str | None:
    named = os.environ.get("CHROMIUM_PATH")
    if named:
        if not os.access(named, os.X_OK):
            pytest.fail(f"CHROMIUM_PATH names {named}, which is no program that can be run.", pytrace=False)
        return named
    for command in COMMANDS:
        if path := shutil.which(command):
            return path
    return _playwright_chromium(install=False)


def _playwright_chromium(*, install: bool) -> str | None:
    """Ask Playwright in a process of its own, so that its event loop does not stay in ours."""
    if install:
        try:
            subprocess.run(
                [sys.executable, "-m", "playwright", "install", "chromium"],
                timeout=INSTALL_TIMEOUT_S,
                stdout=subprocess.DEVNULL,
                check=True,
            )
        except (subprocess.SubprocessError, OSError):
            return None
    question = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    asked = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=False)
    path = asked.stdout.strip()
    return path if asked.returncode == 0 and Path(path).exists() else None
