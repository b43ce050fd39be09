"""
Make `.venv` and install the pinned packages: `python3 astrobookings/embedded/install.py [--dev]`, for `make install`.

Runs with the bare Python of the machine, so it uses the standard library alone and parses on old versions.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
UV = "uv==0.13.9"
OLDEST = (3, 11)
SPACE_BYTES = 1500 * 1024 * 1024


def main(arguments: "list[str]") -> int:
    """Install what the stamps do not show as installed; return the exit code."""
    if sys.version_info < OLDEST:
        return _fail(
            "Astro Bookings needs Python 3.11 or newer; {} is {}.{}. "
            "Name a newer one: make {} PYTHON=python3.12".format(
                sys.executable, sys.version_info[0], sys.version_info[1], os.environ.get("MAKE_GOAL", "install")
            )
        )
    os.chdir(ROOT)
    files = ["requirements.txt"] + (["requirements-dev.txt"] if "--dev" in arguments else [])
    wanted = [name for name in files if not _is_installed(name)]
    if not wanted:
        return 0
    try:
        if shutil.disk_usage(ROOT).free < SPACE_BYTES:
            return _fail(f"The disk is almost full: installing needs about 1.5 GB at {ROOT}.")
        if not _venv_works() and not _venv_make():
            return 1
        began = time.monotonic()
        print("Installing {} ...".format(", ".join(wanted)), flush=True)
        if not _install(files):
            return _fail(
                "The packages could not be installed (above is why). Is the package index reachable? "
                f"Is there space on the disk ({shutil.disk_usage(ROOT).free // 1024 // 1024} MB free)? "
                "Then run the same command again."
            )
        _checkout_on_path()
        for name in files:
            with open(_stamp(name), "w") as stamp:
                stamp.write(_fingerprint(name))
        print(f"Installed in {time.monotonic() - began:.0f} s.", flush=True)
    except PermissionError as error:
        return _fail(
            f"No permission to write {error.filename}: run as the owner of the checkout, "
            f"or `sudo chown -R $(id -un) {ROOT}`."
        )
    except OSError as error:
        return _fail(f"{error.filename or ROOT}: {error.strerror}")
    return 0


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return 1


def _stamp(name: str) -> str:
    return os.path.join(VENV, ".installed-" + name)


def _fingerprint(name: str) -> str:
    with open(os.path.join(ROOT, name), "rb") as file:
        return hashlib.sha256(file.read() + ROOT.encode()).hexdigest()


def _is_installed(name: str) -> bool:
    try:
        with open(_stamp(name)) as stamp:
            return stamp.read() == _fingerprint(name) and os.access(PYTHON, os.X_OK)
    except OSError:
        return False


def _venv_works() -> bool:
    """Tell whether .venv is a whole environment of this place: a copied or half-made one is not."""
    if not os.access(PYTHON, os.X_OK):
        return False
    question = "import sys, pip; print(sys.prefix, sys.version_info >= (3, 11))"
    asked = subprocess.run([PYTHON, "-c", question], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return asked.returncode == 0 and asked.stdout.decode().strip() == f"{VENV} True"


def _venv_make() -> bool:
    print(f"Making .venv with {sys.executable} ...", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", VENV], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if made.returncode == 0:
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    said = made.stdout.decode("utf-8", "replace").strip()
    if "ensurepip" in said or "No module named venv" in said:
        _fail(
            "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv "
            "(as root), then run the same command again."
        )
    else:
        _fail("The virtual environment could not be made:\n" + said)
    return False


def _install(files: "list[str]") -> bool:
    """
    Install with uv, which takes seconds; with pip, which comes with Python, where uv cannot.

    Compiled at once, as pip does: otherwise each process of the first start compiles Django for itself.
    """
    requirements = [part for name in files for part in ("-r", name)]
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    uv = os.path.join(VENV, "bin", "uv")
    have_uv = os.path.exists(uv) or _runs(pip + ["install", "--quiet", UV], quiet=True)
    if have_uv and _runs(
        [uv, "pip", "install", "--quiet", "--compile-bytecode", "--require-hashes", "--python", PYTHON] + requirements
    ):
        return True
    print("uv could not; trying pip, which takes a minute ...", flush=True)
    return _runs(pip + ["install", "--quiet", "--require-hashes"] + requirements)


def _runs(command: "list[str]", quiet: bool = False) -> bool:
    out = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, stdout=out, stderr=out, check=False).returncode == 0


def _checkout_on_path() -> None:
    """Make the checkout's packages importable in .venv from anywhere, so that `.venv/bin/pytest` finds them."""
    asked = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"], stdout=subprocess.PIPE, check=True
    )
    with open(os.path.join(asked.stdout.decode().strip(), "astrobookings-checkout.pth"), "w") as link:
        link.write(ROOT + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
