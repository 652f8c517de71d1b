"""Asks what of the repairs proposed for a finding is accepted: each as it would be, beside what stands there now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from pdsync.engine.fixes import Decided
from pdsync.errors import PdsyncError
from pdsync.model import Finding, MergeProposal, MissingOption, PairProposal, Repair, Side, Subject
from pdsync.report.text.layout import Line, Role, cells, line, pad, wrap
from pdsync.report.text.values import counted, shown
from pdsync.tui.spawning import spawn
from pdsync.tui.widgets.listing import Listing, Row, Wide
from pdsync.tui.widgets.paint import content, inert

if TYPE_CHECKING:
    from pdsync.tui.app import PdsyncApp

__all__ = ["Accept", "Acceptance"]

_FRAME: Final = 9
"""Lines of the page that are no proposal and no words: frame, gaps, button."""
_NAME: Final = 16
_PLANNED: Final = "{audit.plan-fixes} plans what is accepted; nothing is written before you apply that plan."
_HINTS: Final = {
    Repair: _PLANNED,
    MissingOption: _PLANNED,
    PairProposal: "A pair belongs into the mapping: {mapping.options} on the Mapping screen, or pdsync fixes --write-pairs.",
    MergeProposal: "Records are merged by hand, in the service; the file keeps the note.",
}


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the fix file said of each proposal, and what it shall say."""

    before: tuple[Decided, ...]
    wanted: tuple[Decided, ...]


class Accept(ModalScreen[Acceptance | None]):
    """Space accepts one or not, enter puts all of them into the fix file, escape leaves it as it is."""

    HELP = (
        "The repairs that pdsync proposes for this finding: what would stand there, and what stands there now. What is "
        "ticked is accepted; {accept.accept}, or a second click, ticks one or not. {accept.put} puts them into the fix "
        "file as they are ticked; a correction of your own is made there, with an editor."
    )

    DEFAULT_CSS = """
    Accept { align: center middle; }
    Accept > Vertical {
        width: 96; max-width: 98%; height: auto; max-height: 96%;
        background: $surface; border: round $primary; padding: 0 1;
        #proposals { height: 3; margin: 1 0; background: $surface; }
        #put { background: $primary; color: $background; padding: 0 2; min-width: 10; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "accept", "Accept, or not", id="accept.accept"),
        Binding("enter", "put", "Into the fix file", id="accept.put", priority=True),
        Binding("escape", "dismiss(None)", "Leave the file as it is", id="accept.leave"),
    ]

    app: PdsyncApp

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding
        self._before: tuple[Decided, ...] = ()
        self._wanted: list[Decided] = []
        self._rows = _Rows([], 0)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(id="title")
            yield Listing(id="proposals", empty="Looking what can be done ...")
            yield Static(id="hint")
            yield Button("Into the fix file", id="put", compact=True)

    def on_mount(self) -> None:
        """The page is there at once, and takes the keys; what it asks about is looked up."""
        self.query_one(Vertical).border_subtitle = Content(
            self.app.naming_keys(
                "{accept.accept} accepts or not   {accept.put} puts them in   {accept.leave} leaves the file as it is"
            )
        )
        self.set_focus(self.query_one(Listing))
        spawn(self, self._look_up, "proposals")

    async def _look_up(self) -> None:
        try:
            self._before = await self.app.desk.proposals(self._finding).outcome()
        except PdsyncError as error:
            self.app.say(str(error), Role.BAD)
            self.dismiss(None)
            return
        if not self._before:
            self.app.say("pdsync knows no repair for this finding.")
            self.dismiss(None)
            return
        self._wanted = list(map(_at_first, self._before))
        self._lay_out()

    def on_resize(self) -> None:
        """Another width, other line breaks."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        width = self.query_one("#title").size.width or 60
        title = [
            line((part, Role.STRONG))
            for part in wrap(f"{self._finding.code}: {inert(self._finding.message)}", width)
        ]
        kinds = {type(one.proposal) for one in self._before}
        hints = [
            line((part, Role.DIM))
            for text in dict.fromkeys(text for kind, text in _HINTS.items() if kind in kinds)
            for part in wrap(self.app.naming_keys(text), width)
        ]
        self.query_one("#title", Static).update(content(title))
        self.query_one("#hint", Static).update(content(hints))
        self._rows = _Rows(self._wanted, width)
        room = max(int(self.size.height * 0.96) - len(title) - len(hints) - _FRAME, 3)
        listing = self.query_one(Listing)
        listing.styles.height = min(max(len(self._rows), 1), room)
        listing.show(self._rows, keep=True)

    @on(Listing.Chosen)
    def action_accept(self) -> None:
        """Accept the proposal in focus, or not; of those that exclude each other the others are left."""
        number = self._rows.number(self.query_one(Listing).cursor)
        if number is None:
            return
        one = self._wanted[number]
        accepted = not one.accepted
        word = one.proposal.one_of if isinstance(one.proposal, Repair) else ""
        for other, held in enumerate(self._wanted):
            same = isinstance(held.proposal, Repair) and held.proposal.one_of == word
            if accepted and word and same:
                self._wanted[other] = replace(held, accepted=False)
        unticked = None if isinstance(one.proposal, MergeProposal) else False
        self._wanted[number] = replace(one, accepted=True if accepted else unticked)
        self._lay_out()

    @on(Button.Pressed, "#put")
    def action_put(self) -> None:
        if self._wanted:
            self.dismiss(Acceptance(self._before, tuple(self._wanted)))


def _at_first(one: Decided) -> Decided:
    """What stands in the file stays as it is decided; else what excludes nothing, and can be carried out, is ticked."""
    if one.accepted is not None:
        return one
    proposal = one.proposal
    exclusive = isinstance(proposal, Repair) and bool(proposal.one_of)
    by_hand = isinstance(proposal, MissingOption) and proposal.side is Side.PLEZI
    return replace(one, accepted=not (exclusive or by_hand))


class _Rows:
    """The proposals as rows: what and whom, then a row per value."""

    def __init__(self, wanted: Sequence[Decided], width: int) -> None:
        self._rows = [(number, text) for number, one in enumerate(wanted) for text in _lines(one, width)]

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        return Wide(self._rows[index][1])

    def number(self, index: int) -> int | None:
        """The proposal that stands in this row."""
        return self._rows[index][0] if index < len(self._rows) else None


def _lines(one: Decided, width: int) -> Iterator[Line]:
    tick = (" [X] " if one.accepted else " [ ] ", Role.GOOD if one.accepted else Role.PLAIN)
    match one.proposal:
        case Repair() as repair:
            choice = "   only one of these" if repair.one_of else ""
            yield line(tick, (_called(repair.record), Role.NAME), (choice, Role.WARN))
            for name, wanted in repair.to.items():
                yield from _value(inert(name), shown(wanted), shown(repair.now.get(name)), width - _NAME - 6)
        case PairProposal() as pair:
            yield line(tick, (inert(pair.field), Role.NAME))
            for side, held in ((Side.PIPEDRIVE, pair.pipedrive), (Side.PLEZI, pair.plezi)):
                yield line(f"     {pad(side.label, _NAME)} ", (shown(held), Role.STRONG))
        case MissingOption() as option:
            yield line(tick, (f"{option.side.label} {inert(option.field)}", Role.NAME))
            by_hand = "   by hand: no call is known that adds it" if option.side is Side.PLEZI else ""
            held = f"   {counted(option.records, 'record')} would need it" if option.records else ""
            yield line(
                "     add ", (shown(option.label), Role.STRONG), (held, Role.DIM), (by_hand, Role.WARN)
            )
        case MergeProposal() as merge:
            yield line(tick, (f"keep {_called(merge.keep)}", Role.NAME), ("   by hand", Role.WARN))
            gone = ", ".join(map(_called, merge.merge))
            for part in wrap(f"merge {gone} into it: {inert(merge.why)}", width - 6):
                yield line(f"     {part}")


def _value(name: str, after: str, before: str, room: int) -> Iterator[Line]:
    """Whole, because it is accepted here: on one line, or what would stand there above what stands there now."""
    start, arrow = f"     {pad(name, _NAME)} ", "  <- "
    if cells(after + arrow + before) <= room:
        yield line(start, (after, Role.STRONG), (arrow + before, Role.DIM))
        return
    for number, part in enumerate(wrap(after, room)):
        yield line(start if number == 0 else " " * len(start), (part, Role.STRONG))
    for number, part in enumerate(wrap(before, room - 3)):
        yield line(" " * len(start), (f"{'<- ' if number == 0 else '   '}{part}", Role.DIM))


def _called(subject: Subject) -> str:
    return f"{subject.side.label} {inert(subject.id)}"
