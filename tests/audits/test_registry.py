"""Adding an audit is adding a file: what every one of them has to say of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest

from pdsync.audits import registry
from pdsync.audits.declaring import Audit
from pdsync.audits.registry import audit_codes, every_audit


@pytest.mark.parametrize("audit", every_audit(), ids=lambda audit: audit.code)
def test_an_audit_declares_itself(audit: Audit) -> None:
    """Code, reason, rule, fix and needs: what people read, and what a mapping names."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", audit.code)
    assert audit.needs
    assert re.fullmatch(r"R\d+(, R\d+)*", audit.rule)
    assert all(1 <= int(number) <= 29 for number in re.findall(r"\d+", audit.rule))
    for words in (audit.title, audit.why, audit.fix):
        assert len(words.split()) >= 3
        assert words == words.strip()
    assert audit.why.endswith(".")
    assert audit.fix.endswith(".")


def test_the_first_three_are_there() -> None:
    """R11, R13, R17, R24."""
    assert {
        "duplicate-email",
        "missing-first-name",
        "missing-last-name",
        "one-word-name",
        "option-mismatch",
    } <= (audit_codes())


def test_gravest_first() -> None:
    """The order is that of severity, then of the alphabet: the same everywhere."""
    order = [(audit.severity.rank, audit.code) for audit in every_audit()]

    assert order == sorted(order)


def test_two_audits_with_one_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copied file whose code was not changed is found at once."""
    one = every_audit()[0]
    copies = {name: ModuleType(name) for name in ("a", "b")}
    for module in copies.values():
        module.AUDITS = (one,)  # type: ignore[attr-defined]

    def modules(_path: object) -> Iterator[SimpleNamespace]:
        return iter([SimpleNamespace(name=name) for name in copies])

    monkeypatch.setattr("pdsync.audits.registry.pkgutil.iter_modules", modules)
    monkeypatch.setattr(
        "pdsync.audits.registry.importlib.import_module", lambda name: copies[name.rpartition(".")[2]]
    )

    with pytest.raises(ValueError, match=one.code):
        registry.every_audit.__wrapped__()
