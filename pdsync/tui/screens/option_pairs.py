"""The options of one field mapping, both lists side by side: what is the same, what is paired, what ought to be (R24)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from pdsync.model import Option, Side
from pdsync.report.text.layout import Piece, Role, line
from pdsync.report.text.values import counted
from pdsync.tui.screens.choose import Choice, Choose
from pdsync.tui.screens.question import Question
from pdsync.tui.spawning import spawn
from pdsync.tui.widgets.listing import Column, Listing, Row
from pdsync.tui.widgets.paint import content, inert

if TYPE_CHECKING:
    from pdsync.engine.mapping_options import OptionRow
    from pdsync.engine.mapping_view import MappingRow

__all__ = ["OptionPairs"]

_SIGNS: Final = {
    "proposed": (
        " ? ",
        Role.WARN,
        "probably the same",
        "The options audit proposes them: {}. {options.pair} pairs them.",
    ),
    "open": (" ! ", Role.BAD, "no counterpart", "It has no counterpart: its values are left out (R24)."),
    "unknown": (
        " ! ",
        Role.BAD,
        "not in the list",
        "A pair of the file names it, and it is not in the list.",
    ),
    "paired": (
        " = ",
        Role.NAME,
        "paired in the file",
        "Paired in the file; {options.unpair} takes the pair out.",
    ),
    "alike": (" = ", Role.DIM, "spelt alike", "They find each other by their spelling."),
    "not in list": (
        " x ",
        Role.DIM,
        "in the data only",
        "Data holds it, no list has it: give these records another.",
    ),
}
"""How an option stands -> sign, colour, a word for it, a sentence."""


class OptionPairs(Question):
    """One line per option or pair; what asks for a decision is on top."""

    asks = "Which options mean the same?"
    HELP = (
        "Both lists of a field. Options find each other by their spelling; the others need a pair, or their values are "
        "left out of the sync (R24). A question mark is a proposal of the options audit.\n\n"
        "{options.pair} takes a proposal, or asks what an option goes with; {options.take-all} takes every proposal; "
        "{options.unpair} takes a pair out. The numbers count who holds an option, in what was read last. Nothing is "
        "saved before {mapping.save} on the Mapping screen."
    )

    DEFAULT_CSS = """
    OptionPairs {
        #banner { height: auto; padding: 0 1; background: $surface; }
        #options { height: 1fr; }
        #standing { height: 1; padding: 0 1; background: $surface; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pair", "Pair", id="options.pair"),
        Binding("A", "take_all", "Take all proposals", id="options.take-all"),
        Binding("x,delete", "unpair", "Take pair out", id="options.unpair"),
        Binding("u,ctrl+z", "undo", "Undo", id="options.undo"),
        Binding("escape", "back", "Back", id="options.back"),
    ]

    def __init__(self, mapped: MappingRow) -> None:
        super().__init__()
        self._entry = mapped.entry
        self._rows: list[OptionRow] = []
        self._shown: object = None

    def body(self) -> ComposeResult:
        yield Static(id="banner")
        yield Listing(
            [
                Column(" Pipedrive", 20, grow=3),
                Column("held", 6, right=True),
                Column("", 3),
                Column("Plezi", 20, grow=3),
                Column("held", 6, right=True),
                Column("", 18, grow=1, from_width=100),
            ],
            id="options",
            empty="Neither list has an option.",
        )
        yield Static(id="standing")

    @property
    def command(self) -> str:
        return "pdsync check"

    @property
    def _listing(self) -> Listing:
        return self.query_one("#options", Listing)

    @property
    def _mapped(self) -> MappingRow | None:
        """The field mapping as it is now; None: it is gone (an undo, or the file was read again)."""
        view = self.app.drafting.view
        rows = view.rows if view is not None else ()
        names = (self._entry.pipedrive, self._entry.plezi)
        found = [row for row in rows if (row.entry.pipedrive, row.entry.plezi) == names]
        return next(
            (row for row in found if row.entry.number == self._entry.number), found[0] if found else None
        )

    @property
    def _at(self) -> OptionRow | None:
        place = self._listing.cursor
        return self._rows[place] if place < len(self._rows) else None

    def on_mount(self) -> None:
        super().on_mount()
        self.set_focus(self._listing)

    def show(self) -> None:
        from pdsync.engine.mapping_options import option_rows

        mapped = self._mapped
        if mapped is None or mapped.field is None:
            if self.is_current:
                self.app.say(f"The field mapping of {self._entry.name} is no longer there.", Role.WARN)
                self.dismiss()
            return
        now = (mapped, self.app.drafting.held, self.size)
        if now == self._shown:
            return
        self._shown = now
        self._rows = option_rows(mapped.field, self.app.drafting.held)
        self._show_banner(mapped)
        self._listing.show(_Rows(self._rows), keep=True)
        self.refresh_bindings()

    def _show_banner(self, mapped: MappingRow) -> None:
        proposed = sum(row.standing == "proposed" for row in self._rows)
        left = [row for row in self._rows if row.standing in ("proposed", "open", "unknown")]
        held = sum(count or 0 for row in left for count in row.records.values())
        first = line(
            (" <-> ".join(inert(mapped.name(side)) for side in Side), Role.STRONG),
            (f"   {counted(len(self._rows), 'line')}, {counted(proposed, 'proposal')}", Role.DIM),
        )
        if left:
            said = (f"{len(left):,} without a counterpart", Role.WARN)
            rest = f": {counted(held, 'record')} would lose the value on its way (R24)" if held else " (R24)"
            second = line(said, rest)
        else:
            second = line(("every option finds its counterpart", Role.GOOD))
        self.query_one("#banner", Static).update(content([first, second]))

    @on(Listing.Highlighted)
    def _moved(self) -> None:
        row = self._at
        if row is not None:
            sign, role, _, said = _SIGNS[row.standing.value]
            shown = line((f"{sign.strip()} {self.app.naming_keys(said).replace('{}', row.how)}", role))
            self.query_one("#standing", Static).update(content([shown]))
        self.refresh_bindings()

    def why_not(self, action: str) -> str:
        row = self._at
        if action == "pair":
            if row is None or row.standing in ("paired", "unknown"):
                return f"It is paired; {self.app.key('options.unpair')} takes the pair out."
            if row.standing == "not in list":
                return "It is in no list any more, so nothing can be paired with it: give these records another option."
        if action == "take_all" and not any(one.standing == "proposed" for one in self._rows):
            return "There is no proposal."
        if action == "unpair" and (row is None or row.pair is None):
            return "No pair of the file stands here."
        if action == "undo":
            view = self.app.drafting.view
            return "" if view is not None and view.undo else "There is nothing to take back."
        return ""

    # -- what the person does

    @on(Listing.Chosen)
    def action_pair(self) -> None:
        row = self._at
        if self.refused("pair") or row is None:
            return
        if row.standing == "proposed":
            self._pair([row])
        else:
            side = next(side for side in Side if side in row.options)
            self._ask_for_the_other(side, row.options[side])

    def action_take_all(self) -> None:
        if not self.refused("take_all"):
            self._pair([row for row in self._rows if row.standing == "proposed"])

    def action_unpair(self) -> None:
        row = self._at
        if self.refused("unpair") or row is None or row.pair is None:
            return
        pair = row.pair

        async def unpair() -> None:
            await self.app.drafting.change(
                "taking a pair out", lambda draft: draft.unpair(self._entry, pair.pipedrive, pair.plezi)
            )
            self.app.say(
                f"Took out {pair.pipedrive} = {pair.plezi}; {self.app.key('options.undo')} brings it back."
            )

        spawn(self, unpair, "change")

    def action_undo(self) -> None:
        if self.refused("undo"):
            return

        async def undo() -> None:
            words = await self.app.drafting.change("undoing", lambda draft: draft.undo())
            self.app.say(f"Taken back: {words}")

        spawn(self, undo, "change")

    def action_back(self) -> None:
        self.dismiss()

    def _ask_for_the_other(self, side: Side, option: Option) -> None:
        from pdsync.engine.mapping_options import likely

        mapped = self._mapped
        if mapped is None or mapped.field is None:
            return
        counterpart = mapped.field.option_to[side]
        found = likely(option, mapped.field.on(side.other).options)
        others = sorted(found, key=lambda one: one.id in counterpart)
        choices = [
            Choice((one.label, one.id, "has one already" if one.id in counterpart else "")) for one in others
        ]

        def chosen(number: int | None) -> None:
            if number is not None:
                self._add([{side: option, side.other: others[number]}])

        title = f"What in {side.other.label} means the same as {inert(option.label)} of {side.label}?"
        self.app.push_screen(Choose(title, choices, chosen, heads=("option", "value", "")))

    def _pair(self, rows: Sequence[OptionRow]) -> None:
        self._add([dict(row.options) for row in rows])

    def _add(self, pairs: Sequence[dict[Side, Option]]) -> None:
        from pdsync.engine.mapping_options import pair_name

        mapped = self._mapped
        if mapped is None or mapped.field is None:
            return
        field = mapped.field
        named = [
            (
                pair_name(field.pipedrive, Side.PIPEDRIVE, pair[Side.PIPEDRIVE]),
                pair_name(field.plezi, Side.PLEZI, pair[Side.PLEZI]),
            )
            for pair in pairs
        ]

        async def add() -> None:
            await self.app.drafting.change("pairing", lambda draft: draft.pair(self._entry, named))
            self.app.say(f"Paired {', '.join(f'{here} = {there}' for here, there in named)}.")

        spawn(self, add, "change")


class _Rows:
    """Options as rows of a listing."""

    def __init__(self, rows: Sequence[OptionRow]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        row = self._rows[index]
        sign, role, words, _ = _SIGNS[row.standing.value]
        cells: list[Piece] = []
        for number, side in enumerate(Side):
            cells += [_option(row, side), (_held(row, side), Role.DIM)]
            if number == 0:
                cells.append((sign, role))
        return (*cells, (row.how or words, Role.DIM))


def _option(row: OptionRow, side: Side) -> Piece:
    option, lead = row.options.get(side), " " if side is Side.PIPEDRIVE else ""
    settled = row.standing.value in ("alike", "not in list")
    if option is not None:
        value = f" ({inert(option.id)})" if side is Side.PLEZI and option.id != option.label else ""
        called = f"{inert(option.label)}{value}"
        return lead + called, Role.DIM if settled else Role.STRONG
    if row.pair is not None:
        return lead + inert(row.pair.pipedrive if side is Side.PIPEDRIVE else row.pair.plezi), Role.BAD
    return f"{lead}-", Role.DIM


def _held(row: OptionRow, side: Side) -> str:
    count = row.records.get(side)
    return f"{count:,}" if count is not None else ""
