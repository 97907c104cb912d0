"""The Makefile's commands: ``python3 -m scripts <command>``."""

import signal
import sys

from .console import Failure, note


def _stop(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def main(args: list[str]) -> int:
    """Run one command; its exit status."""
    # Also when a shell started us in the background, with these signals ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    try:
        return _dispatch(args)
    except Failure as failure:
        note(f"\n{failure}")
        return 1
    except KeyboardInterrupt:
        note("\nStopped.")
        return 130


def _dispatch(args: list[str]) -> int:
    command, *rest = args or ["help"]
    if command == "setup":
        from . import runtime, template

        template.ensure_template(runtime.ensure_tools())
        return 0
    if command == "test":
        from .testing import test

        return test(rest)
    if command == "lint":
        from .lint import lint

        return lint()
    if command == "demo":
        from .demo import demo

        return demo()
    if command == "bench":
        from .bench import bench

        return bench(rest)
    if command == "shell":
        from .demo import shell

        return shell(rest)
    if command == "documents":
        from .documents import documents

        return documents()
    if command in ("clean", "distclean"):
        from . import cleaning

        return cleaning.clean() if command == "clean" else cleaning.distclean()
    if command in ("serve", "console"):
        from .development import play

        return play(command, rest)
    raise Failure(f"No such command: {command}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
