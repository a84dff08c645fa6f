"""The `gradatim` command: finds the sub-command, reads its typed options, and turns mistakes into one sentence.

Only the module of the command that was asked for is imported, so that listing tiers does not wait for torch.
"""

import errno
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TypeVar

import tyro

from envs.errors import UserError, unknown
from envs.outside import load_all, load_file

COMMANDS = {
    "compare": "train several curricula on paired seeds, evaluate them on frozen episodes, write the report",
    "report": "write the report of a comparison again, from its tables",
    "tiers": "list the tiers",
    "generate": "play the scripted expert and keep its demonstrations",
    "inspect": "tell what a dataset holds, and draw a contact sheet of it",
    "train": "train one policy under one schedule",
    "evaluate": "play episodes with an actor and count its successes",
    "record": "film episodes",
    "throughput": "measure how fast this machine simulates, looks and trains",
    "doctor": "check that everything a comparison needs works here",
}
MODULES = {"inspect": "inspection"}  # of commands that are named like a module of the standard library
MISTAKE, INTERRUPTED = 2, 130  # exit codes: something was asked that cannot be had; Ctrl-C


class JobError(RuntimeError):
    """A job broke for a reason that is not the user's; says where its log is."""


@dataclass(frozen=True, kw_only=True)
class Common:
    """Options that every command has."""

    tiers_from: tuple[Path, ...] = ()
    """Python files that register tiers of your own."""


Options = TypeVar("Options", bound=Common)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the console script."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if not argv or argv[0] in {"-h", "--help"}:
        print(usage())
        return 0 if argv else MISTAKE
    name, *rest = argv
    if name not in COMMANDS:
        return complain(unknown("command", name, COMMANDS))
    module = importlib.import_module(f"benchmarks.{MODULES.get(name, name)}")
    return launch(module.Options, module.run, rest)


def usage() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {purpose}" for name, purpose in COMMANDS.items()]
    return "\n".join(
        ["usage: gradatim COMMAND [options]", "", *lines, "", "gradatim COMMAND --help tells a command's options."]
    )


def launch(options_type: type[Options], run: Callable[[Options], None], argv: Sequence[str] | None = None) -> int:
    """Reads `options_type` from the command line and runs the command; returns the exit code."""
    name = run.__module__.rpartition(".")[2]
    if name == "__main__":
        name = os.path.splitext(os.path.basename(sys.argv[0]))[0]
    name = next((command for command, module in MODULES.items() if module == name), name)
    options = tyro.cli(options_type, prog=f"gradatim {name}", args=argv)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        load_all()
        for path in options.tiers_from:
            load_file(path)
        run(options)
    except UserError as error:
        return complain(error)
    except KeyboardInterrupt:
        print("\nStopped. What was finished is kept.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output, `head` perhaps, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return complain(UserError(explain(error)))
    except JobError as error:
        print(f"gradatim: {error}", file=sys.stderr)
        return 1
    return 0


def interrupt(number: int, frame: FrameType | None) -> None:
    """A polite kill ends like Ctrl-C, so that child processes are stopped too."""
    raise KeyboardInterrupt


def complain(error: UserError) -> int:
    print(f"gradatim: {error}", file=sys.stderr)
    return MISTAKE


def explain(error: OSError) -> str:
    """One sentence for what the operating system refused."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk is full{where}; nothing that was finished is damaged."
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return f"No permission to write or read here{where}: {error.strerror}."
    return f"{error.strerror or error}{where}."


if __name__ == "__main__":
    sys.exit(main())
