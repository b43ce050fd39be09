"""
`make run`: start everything on this machine, print the addresses, keep it running, stop it all at the end.

`python -m astrobookings.embedded.run` starts, `... run stop` stops one that runs elsewhere, `... run reset` removes the
local data. Started parts end with this process however it ends: by Ctrl-C, a signal, a lost terminal, or SIGKILL.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from astrobookings.embedded import preflight, server_user, state
from astrobookings.embedded.lock import RunLock, only_one, stop_other
from astrobookings.embedded.mongo import CUSTOMER_DATABASE, LOGS_DATABASE, Mongo
from astrobookings.embedded.postgres import Postgres
from astrobookings.embedded.prepare import STEP_COUNT
from astrobookings.embedded.processes import PR_SET_PDEATHSIG, EmbeddedError, port_choose
from astrobookings.embedded.programs import Preparation, Supervisor, web_server, web_wait, worker

STEPS = STEP_COUNT + 4  # before them: checks and two kinds of databases; after them: web server and worker
LOOK_EVERY_S = 0.5


class StopAsked(BaseException):
    """Ctrl-C, a signal, or the end of the terminal; no error."""


def main(arguments: list[str]) -> int:
    """Do what the command line asks; return the exit code."""
    commands = {"": _run, "stop": _stop, "reset": _reset}
    name = arguments[0] if arguments else ""
    if name not in commands or len(arguments) > 1:
        print("Usage: python -m astrobookings.embedded.run [stop|reset]", file=sys.stderr)
        return 2
    try:
        return commands[name](state.var_dir())
    except EmbeddedError as error:
        _say(f"\n{error}", to_stderr=True)
    except PermissionError as error:
        _say(
            f"\nNo permission for {error.filename}: {preflight.ownership_cure(path=state.var_dir())}",
            to_stderr=True,
        )
    except OSError as error:
        _say(f"\n{error.filename or state.var_dir()}: {error.strerror}", to_stderr=True)
    return 1


def _run(var: Path) -> int:
    code = 0
    progress = _Progress()
    supervisor = Supervisor(say=_say, changed=lambda: None)
    terminals = _signals_catch()
    with only_one(var=var) as lock:
        try:
            lock.note(text=str(os.getpid()))
            _start(var=var, progress=progress, supervisor=supervisor, lock=lock)
            while not _terminal_gone(terminals):
                supervisor.look()
                time.sleep(LOOK_EVERY_S)
        except StopAsked:
            pass
        except EmbeddedError as error:
            _say(f"\n{error}", to_stderr=True)
            code = 1
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            _say("\nStopping ...")
            supervisor.stop_all()
            state.forget_urls(var=var)
        _say("Stopped. The data stay in " + preflight.short(path=var) + "; `make run` goes on with them.")
    return code


def _start(*, var: Path, progress: _Progress, supervisor: Supervisor, lock: RunLock) -> None:
    progress.begin("checks")
    host, port = preflight.address()
    address = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"  # noqa: S104 - compared, not bound
    preflight.everything(var=var, host=host, port=port)
    given = preflight.given_urls()

    servers = _databases(var=var, given=given)
    urls = {**{name: server.url for name, server in servers.items()}, **given}
    env = _environment(var=var, host=host, port=port, urls=urls)
    preparation = Preparation(env=env, log_path=var / "log" / "prepare.log")
    preparation.begin()
    progress.begin("PostgreSQL" + (" (DATABASE_URL)" if "DATABASE_URL" in given else ""))
    for server in servers.values():
        if isinstance(server, Mongo):
            server.begin()  # it loads while PostgreSQL starts
    for name, server in servers.items():
        if name == "CUSTOMER_MONGODB_URL":
            progress.begin("document servers")
        supervisor.start(part=server)
        state.remember_port(name=name, port=server.port or 0, var=var)
        if var not in server.data_dir.parents:
            progress.note(
                f"PostgreSQL refuses to run as root, and its user cannot enter {var}: data in {server.data_dir}"
            )
    if "CUSTOMER_MONGODB_URL" not in servers:
        progress.begin("document servers" + (" (given)" if "LOGS_MONGODB_URL" not in servers else ""))

    def record() -> None:
        running = {name: (server.url, server.pid) for name, server in servers.items()}
        state.write_urls(urls={**running, **{name: (url, os.getpid()) for name, url in given.items()}}, var=var)
        if any(server.url != urls[name] for name, server in servers.items()):  # the others hold the old URL
            raise EmbeddedError("The port of a database was taken by another program. Run the same command again.")

    record()
    supervisor.changed = record
    signins = ""

    def on_event(event: dict[str, str]) -> None:
        nonlocal signins
        if "step" in event:
            progress.begin(event["step"])
        signins = event.get("signins", signins)

    preparation.finish(on_event=on_event)
    progress.begin("web server and worker")
    web = web_server(host=host, port=port, env=env, log_path=var / "log" / "web.log")
    supervisor.start(part=web)
    web_wait(program=web, address=address)
    supervisor.start(part=worker(env=env, log_path=var / "log" / "worker.log"))
    progress.end()
    lock.note(text=f"{os.getpid()} {address}")
    _say(_welcome(address=address, signins=signins, seconds=progress.total_s()))


def _databases(*, var: Path, given: dict[str, str]) -> dict[str, Postgres | Mongo]:
    """Return the servers we run ourselves: those for which no URL is given."""
    servers: dict[str, Postgres | Mongo] = {}
    if "DATABASE_URL" not in given:
        servers["DATABASE_URL"] = Postgres(
            data_dir=var / "postgres",
            password=state.secret(name="POSTGRES_PASSWORD", var=var),
            port=port_choose(wanted=state.remembered_port(name="DATABASE_URL", var=var)),
            log_path=var / "log" / "postgres.log",
        )
    for url_name, database, word in (
        ("CUSTOMER_MONGODB_URL", CUSTOMER_DATABASE, "customer"),
        ("LOGS_MONGODB_URL", LOGS_DATABASE, "logs"),
    ):
        if url_name not in given:
            servers[url_name] = Mongo(
                name=f"document server ({word})",
                data_dir=var / "documents" / word,
                database=database,
                password=state.secret(name=f"{word.upper()}_MONGODB_PASSWORD", var=var),
                port=port_choose(wanted=state.remembered_port(name=url_name, var=var)),
                log_path=var / "log" / f"{word}-documents.log",
            )
    return servers


def _environment(*, var: Path, host: str, port: int, urls: dict[str, str]) -> dict[str, str]:
    env = {**os.environ, **urls, "VAR_DIR": str(var), "PYTHONUNBUFFERED": "1"}
    env.setdefault("DJANGO_SETTINGS_MODULE", "astrobookings.settings.local")
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    env.setdefault("SITE_URL", f"http://{shown}:{port}")
    if host not in {"127.0.0.1", "localhost", "::1", "0.0.0.0", "::"}:  # noqa: S104
        env.setdefault("ALLOWED_HOSTS", f"127.0.0.1,localhost,[::1],{host}")
    return env


def _welcome(*, address: str, signins: str, seconds: float) -> str:
    rows = (
        ("Customer portal", "/"),
        ("Supplier portal", "/supplier/"),
        ("Employee portal", "/employee/"),
        ("Admin", "/admin/"),
        ("API docs", "/api/docs/"),
    )
    lines = ["", f"Astro Bookings runs (ready after {seconds:.1f} s).", ""]
    lines += [f"  {title:<17}{address}{path}" for title, path in rows]
    if signins.strip():
        lines += ["", "Demo sign-ins:", *(f"  {line}" for line in signins.strip().splitlines())]
    return "\n".join(
        [
            *lines,
            "",
            f"Logs are in {preflight.short(path=state.var_dir() / 'log')}/. Ctrl-C stops everything; the data stay.",
            "",
        ]
    )


def _stop(var: Path) -> int:
    _say(stop_other(var=var))
    return 0


def _reset(var: Path) -> int:
    _say(stop_other(var=var))
    far = server_user.far_places(wanted=var / "postgres")
    for place in (var, *far):
        if place.exists():
            shutil.rmtree(place)
            _say(f"Removed {preflight.short(path=place)}.")
    return 0


# --- terminal and signals ---------------------------------------------------------------------------------------------


class _Progress:
    """Lines such as `[3/9] migrate ... 1.2 s`."""

    def __init__(self) -> None:
        self.began_at = time.monotonic()
        self.step = 0
        self.step_at = self.began_at

    def begin(self, title: str) -> None:
        if self.step:
            self.end()
        self.step += 1
        self.step_at = time.monotonic()
        _say(f"[{self.step}/{STEPS}] {title} ... ", end="")

    def end(self) -> None:
        _say(f"{time.monotonic() - self.step_at:.1f} s")

    def note(self, text: str) -> None:
        _say(f"({text}) ", end="")

    def total_s(self) -> float:
        return time.monotonic() - self.began_at


def _say(text: str, *, end: str = "\n", to_stderr: bool = False) -> None:
    with contextlib.suppress(OSError, ValueError):  # the terminal may be gone, which must not stop the stopping
        print(text, end=end, flush=True, file=sys.stderr if to_stderr else sys.stdout)


def _signals_catch() -> list[int]:
    """
    Turn the signals that end us into StopAsked; return the file descriptors of the terminal we were started from.

    Started by nohup, which ignores SIGHUP and detaches us from the terminal, we outlive the terminal as it asks.
    """

    def on_signal(number: int, frame: FrameType | None) -> None:
        raise StopAsked

    terminals = [fd for fd in (0, 1) if os.isatty(fd)]
    caught = [signal.SIGINT, signal.SIGTERM]
    if terminals or signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        caught.append(signal.SIGHUP)
    for number in caught:
        signal.signal(number, on_signal)
    if os.environ.get("MAKELEVEL") and sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)  # a killed make takes us along
    return terminals


def _terminal_gone(terminals: list[int]) -> bool:
    """Tell whether the terminal was closed: the kernel signals only the first process of its session."""
    poll = select.poll()
    for fd in terminals:
        poll.register(fd, 0)
    return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
