"""What proves to a service who is asking. Shown to nobody: the ``repr`` says that a key is there, never which."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pdsync.errors import SettingsError

__all__ = ["PipedriveCredentials", "PleziCredentials"]

_NO_SECRET = frozenset({"tenant"})
"""A company's name: it is no key, and may hold accents."""


class _Hidden:
    """Base of all credentials: hides what is not blank, refuses what no header can carry."""

    __slots__ = ()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={'***' if text else ''}" for name, text in self._items())
        return f"{type(self).__name__}({shown})"

    def _items(self) -> list[tuple[str, str]]:
        names = [field.name for field in fields(self) if field.name not in _NO_SECRET]  # type: ignore[arg-type]
        return [(name, getattr(self, name)) for name in names]

    def _refuse_unprintable(self, service: str) -> None:
        """A token with a line break or an accent was copied wrongly; httpx would quote it in its error message."""
        for field in fields(self):  # type: ignore[arg-type]
            name, text = field.name, getattr(self, field.name)
            if not text.isprintable() or not (text.isascii() or name in _NO_SECRET):
                raise SettingsError(
                    f"{service}'s {name.replace('_', ' ')} holds a character that no key has (a line break, an accent?).",
                    untouched="Nothing was read or written.",
                    next_step="Copy it again, in one line.",
                )


@dataclass(frozen=True, slots=True, repr=False)
class PipedriveCredentials(_Hidden):
    """A personal API token (reference 1.4)."""

    token: str

    def __post_init__(self) -> None:
        self._refuse_unprintable("Pipedrive")


@dataclass(frozen=True, slots=True, repr=False)
class PleziCredentials(_Hidden):
    """The header pair of the older generation (tenant, api_key), or the key pair of the current one (reference 1)."""

    tenant: str = ""
    """The company's NAME: no secret, and it may hold accents (sent as UTF-8)."""
    api_key: str = ""
    public_key: str = ""
    secret_key: str = ""

    def __post_init__(self) -> None:
        self._refuse_unprintable("Plezi")
