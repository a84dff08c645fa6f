"""A named collection that refuses duplicates and helps with misspellings: tiers, skills, schedules, presets."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from envs.errors import UserError, unknown


class Named(Protocol):
    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


class Registry(Generic[T]):
    """Things of one kind by name, in the order they were added."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._things: dict[str, T] = {}

    def add(self, thing: T) -> T:
        """Register `thing` under its `name`; raises `UserError` if the name is taken."""
        if thing.name in self._things:
            raise UserError(f"The {self.kind} name '{thing.name}' is taken; choose another name.")
        self._things[thing.name] = thing
        return thing

    def __getitem__(self, name: str) -> T:
        if name not in self._things:
            raise unknown(self.kind, name, self._things)
        return self._things[name]

    def __contains__(self, name: str) -> bool:
        return name in self._things

    def __iter__(self) -> Iterator[T]:
        return iter(self._things.values())

    def __len__(self) -> int:
        return len(self._things)

    def names(self) -> list[str]:
        return list(self._things)
