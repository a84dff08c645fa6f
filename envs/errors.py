"""The one exception that means "you asked for something that cannot be had": commands print it and exit with code 2."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """A mistake of the user's, told in one sentence: what was asked, what exists, what is nearest."""


def unknown(kind: str, asked: str, known: Iterable[str]) -> UserError:
    """The error for a name that does not exist, with every name that does and the nearest one."""
    names = list(known)
    near = difflib.get_close_matches(asked, names, n=1, cutoff=0.5)
    guess = f" Did you mean '{near[0]}'?" if near else ""
    listed = ", ".join(names) if names else "none"
    return UserError(f"There is no {kind} named '{asked}'; there is: {listed}.{guess}")
