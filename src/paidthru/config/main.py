"""The `paidthru` program: the commands of faces.cli, and what starts and keeps the process they run in.

The commands are parsed before anything is started, so `--help` and a mistyped option answer at once. A command that
is to run finds the database running, its tables current and Django set up; faces.cli imports what it needs of Django
inside its functions; so does this file. A command marked `needs_database = False` is called as it is.
"""

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from paidthru.config import home
from paidthru.faces import cli
from paidthru.faces.stories import command as story_command
from paidthru.faces.worker import command as worker_command
from paidthru.kernel.errors import Refused

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
own = typer.Typer()
own.registered_commands.extend(worker_command.app.registered_commands)
own.add_typer(story_command.app, name="story", help="What is expected, told in plain text and run.")


def main() -> NoReturn:
    """Run the command line, and exit: 0 done, 1 refused or a check failed, 2 not understood."""
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # so that we leave the database in order
    try:
        program()(prog_name="paidthru")
    except Refused as refusal:
        _say(refusal)
    sys.exit(1)


def program() -> typer.Typer:
    """All commands: those of faces.cli, each made to find its database, and those of this file."""
    _prepare_each(worker_command.app, starts=True)
    _prepare_each(story_command.app)
    _prepare_each(cli.app)
    cli.app.registered_commands.extend(own.registered_commands)
    cli.app.registered_groups.extend(own.registered_groups)
    return cli.app


def _prepare_each(app: typer.Typer, *, starts: bool = False) -> None:
    for command in app.registered_commands:
        if command.callback and getattr(command.callback, "needs_database", True):
            command.callback = _prepared(command.callback, starts)
    for group in app.registered_groups:
        if group.typer_instance:
            _prepare_each(group.typer_instance)


def _prepared(callback: Callable[..., Any], starts: bool) -> Callable[..., Any]:
    @functools.wraps(callback)
    def run(*arguments: Any, **options: Any) -> Any:
        prepare(starts=starts)
        return callback(*arguments, **options)

    return run


def prepare(*, migrate: bool = True, starts: bool = False) -> None:
    """Start or join the database, set Django up, bring the tables up to date, and see whether it is the database that
    was left (`instance`). With `starts` (the console, a worker) say what stands in the way of charging."""
    from paidthru.config import database, embedded

    of = home.home()
    home.secret_key(of, create=True)
    if not database.named_url():
        atexit.register(embedded.ensure_running(of).leave)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidthru.config.settings")

    import django

    django.setup()
    from paidthru.config import schema

    schema.reach()
    if migrate:
        schema.bring_up_to_date()
        from paidthru.config import instance

        instance.recognize(of, starts=starts)
    if starts:
        from paidthru.organizations.queries import frozen_why

        if (why := frozen_why()) is not None:
            print(f"Nothing live is charged: {why} See docs/backup.md.", file=sys.stderr)
        for doubt in schema.doubts():
            print(f"Nothing live is charged: {doubt}", file=sys.stderr)


def _say(refusal: Refused) -> None:
    if "--json" in sys.argv:
        print(json.dumps({"error": refusal.as_dict()}))
    else:
        print(f"Refused ({refusal.code}): {refusal.message}", file=sys.stderr)
        if refusal.fix:
            print(f"  {refusal.fix}", file=sys.stderr)


@own.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=0, max=65535)] = 8000,
    worker: Annotated[bool, typer.Option(help="Run a worker for scheduled work beside it.")] = True,
) -> None:
    """Serve the console, with a worker beside it, until it is stopped (Ctrl-C)."""
    from paidthru.config import database, embedded

    lock = None if database.named_url() else embedded.claim(home.home(), "serve")
    prepare(starts=True)
    from waitress.server import create_server

    from paidthru.config.proxies import proxy_arguments
    from paidthru.config.wsgi import application

    try:
        server = create_server(
            application, host=host, port=port, threads=8, ident=None, **proxy_arguments(os.environ)
        )
    except OSError as taken:
        raise _port_taken(host, port, taken) from taken
    _reached_at(host, int(server.effective_port))
    beside = subprocess.Popen([sys.executable, "-m", "paidthru.config.main", "worker"]) if worker else None
    print(
        f"Paidthru is at http://{'localhost' if host == '127.0.0.1' else host}:{server.effective_port}/",
        flush=True,
    )
    _say_how_to_begin()
    try:
        server.run()
    finally:
        server.close()
        if beside:
            beside.terminate()
            beside.wait()
        if lock:
            os.close(lock)


def _say_how_to_begin() -> None:
    """The way to the first organization, while nobody can sign in."""
    from django.conf import settings

    from paidthru.organizations.models import User

    if not User.objects.exists():
        way = f"{settings.PUBLIC_URL}/welcome/?code={home.setup_code()}"
        print(f"Nobody works here yet. Begin at {way}", flush=True)


def _port_taken(host: str, port: int, why: OSError) -> Refused:
    said = f"Nothing can listen on {host}, port {port}: {os.strerror(why.errno or 0)}."
    return Refused("port_taken", said, fix="Name another --port.")


def _could_serve(host: str, port: int) -> None:
    """Refuses what `serve` would refuse later (`port_taken`, a folder that is served already)."""
    from paidthru.config import database, embedded

    if not database.named_url():
        os.close(embedded.claim(home.home(), "serve"))
    try:
        socket.create_server((host, port)).close()
    except OSError as taken:
        raise _port_taken(host, port, taken) from taken


def _reached_at(host: str, port: int) -> None:
    """Links lead to where the console is served, unless `PAIDTHRU_URL` says where members reach it: the worker beside
    it and other commands find that in the home."""
    from django.conf import settings

    everywhere = not host.strip("0.:")
    name = "localhost" if everywhere or host == "127.0.0.1" else f"[{host}]" if ":" in host else host
    home.served_at(f"http://{name}:{port}")
    settings.PUBLIC_URL = home.public_url()


@own.command()
def demo(
    then_serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the console afterwards, until it is stopped.")
    ] = True,
    port: Annotated[int, typer.Option(help="The console's port.", min=0, max=65535)] = 8000,
    samples: Annotated[
        bool,
        typer.Option(
            "--samples/--no-samples",
            help="Also make five organizations, one of each kind, with two years behind them.",
        ),
    ] = True,
) -> None:
    """Show the main job on an example club, in a sandbox; then serve the console with its sign-in printed."""
    host = "127.0.0.1"
    if then_serve:
        _could_serve(host, port)
    prepare()
    if then_serve and port:
        _reached_at(host, port)
    from paidthru.faces.cli.demo import tell

    found = tell()
    if samples:
        from paidthru.faces.cli.samples import live_all

        print(
            "\nFive more organizations, each as another product would bill, with two years behind it:\n",
            flush=True,
        )
        live_all([sys.executable, "-m", "paidthru.config.main"], found.email)
    if then_serve:
        print(f"\nLook at it in the console: sign in as {found.email} with the password {found.password}")
        serve(host=host, port=port, worker=True)


@own.command(hidden=True)
def sample(slug: Annotated[str, typer.Argument()], email: Annotated[str, typer.Option()]) -> None:
    """Live the two years of one of the demonstration's organizations."""
    prepare()
    from paidthru.faces.cli.samples import live

    live(slug, email)


@own.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    as_json: AsJson = False,
) -> None:
    """Write everything in the database to one file."""
    prepare()
    from paidthru.config.backup import backup as write

    size = write(file.absolute())
    print(json.dumps({"file": str(file), "bytes": size}) if as_json else f"{file}: {size:,} bytes.")


@own.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `paidthru backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace what the database holds.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in place of the database: all of it, or nothing."""
    prepare(migrate=False)
    from paidthru.config import instance, schema
    from paidthru.config.backup import restore as read

    with instance.restoring(home.home()):
        read(file.absolute(), force=force)
    migrated = schema.bring_up_to_date()
    instance.recognize(home.home(), why=f"The backup {file.name} was restored.")
    then = " Its tables were brought up to this version." if migrated else ""
    told = {"file": str(file), "migrated": migrated, "frozen": True}
    print(json.dumps(told) if as_json else f"{file} is restored.{then} {_AFTER_RESTORE}")


_AFTER_RESTORE = """Nothing live is charged until the processor's books were read through:
  paidthru replay       after two minutes; it takes in what the backup does not know
  paidthru unfreeze     when you have read what it found"""


if __name__ == "__main__":
    main()
