from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import pdsync
import pdsync.api

MODULES = sorted(module.name for module in pkgutil.iter_modules(pdsync.api.__path__, "pdsync.api."))


def test_every_name_is_there_and_explained() -> None:
    """``import pdsync`` names about 15 things; each has a docstring, and a typo is an AttributeError."""
    assert len(pdsync.__all__) <= 20
    assert sorted(pdsync.__all__) == list(pdsync.__all__)
    for name in set(pdsync.__all__) - {"__version__"}:
        assert getattr(pdsync, name).__doc__, name
    with pytest.raises(AttributeError):
        _ = pdsync.acount


@pytest.mark.parametrize("name", sorted(set(pdsync.__all__) - {"__version__", "PdsyncError"}))
def test_every_name_has_an_example(name: str) -> None:
    """The docstring shows how it is used; ``test_examples_run`` runs it."""
    assert ">>> " in (getattr(pdsync, name).__doc__ or ""), name


@pytest.fixture(scope="module")
def _each_answer_once(audited: pdsync.AuditReport, planned: pdsync.Plan) -> Iterator[None]:
    """Examples ask the demo the same over and over: what it audits and plans is kept while they run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdsync.Account, "audit", _kept(pdsync.Account.audit, audited))
        patch.setattr(pdsync.Account, "plan", _kept(pdsync.Account.plan, planned))
        yield


def _kept(ask: Callable[..., Any], known: object) -> Callable[..., Any]:
    """``known`` is the answer without any wishes."""
    answers: dict[str, Any] = {"{}": known}

    def answer(account: pdsync.Account, **how: Any) -> Any:
        asked = str(how)
        if asked not in answers:
            answers[asked] = ask(account, **how)
        return answers[asked]

    return answer


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.usefixtures("_each_answer_once")
def test_examples_run(module: str) -> None:
    """The examples in docstrings do what they say, on the demo data."""
    failed, _ = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)

    assert failed == 0
