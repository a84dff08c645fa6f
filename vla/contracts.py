"""Reading a contract from a file, and refusing one that does not fit."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from envs.errors import UserError
from envs.spaces import Contract


def contract_from_json(values: Mapping[str, Any]) -> Contract:
    """A contract written by any version of Gradatim that has the same terms."""
    odd = {field.name for field in fields(Contract)} ^ set(values)
    if odd:
        raise UserError(f"This was made by another version of Gradatim: its contract differs in {sorted(odd)}.")
    read: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return Contract(**read)


def refuse_mismatch(first: Contract, second: Contract, first_name: str, second_name: str) -> None:
    """Raises `UserError`, naming both sides, unless the two contracts agree."""
    terms = [field.name for field in fields(Contract) if getattr(first, field.name) != getattr(second, field.name)]
    if terms:
        told = "; ".join(
            f"{term} is {getattr(first, term)} for {first_name} and {getattr(second, term)} for {second_name}"
            for term in terms
        )
        raise UserError(f"Contracts do not agree: {told}.")
