"""The review form: what was extracted, or already typed, laid out as fields and tables for a person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from schemas.document_type import DocumentType, FieldDefinition
from schemas.messages import render
from schemas.process import Process
from schemas.reading import Box
from schemas.values import Address, Candidate, Extraction, Finding, Value, ValueState
from tasks.route import needed_probability
from workbench.shown_values import shown
from workbench.typed_values import Line, Restored
from workbench.words import Words

MOST_CANDIDATES = 5
MEMORY = "memory:"  # evidence of a value that supplier memory knew


@dataclass(frozen=True)
class Remark:
    """A finding in the reader's words."""

    severity: str
    text: str


@dataclass(frozen=True)
class Choice:
    """A candidate one key away."""

    text: str  # as the reader's language writes it
    raw: str
    page: int
    box: Box


@dataclass(frozen=True)
class Cell:
    """One value to look at and correct: a header field, or a cell of a table."""

    address: Address
    title: str
    type: str
    text: str  # as the reader's language writes it
    value: Value | None
    doubtful: bool
    required: bool
    critical: bool
    instruction: str
    remarks: list[Remark]
    choices: list[Choice]
    original: str = ""  # what the machine read, as the reader's language writes it
    was: str = "present"  # and in which state

    @property
    def key(self) -> str:
        """The cell's name in the page."""
        return key_of(self.address)

    @property
    def choices_json(self) -> str:
        """The candidates as the script reads them."""
        return json.dumps([asdict(choice) for choice in self.choices], ensure_ascii=False)

    @property
    def support(self) -> int:
        """On how many earlier documents of its supplier the value was right; 0 where memory had no part in it."""
        marks = (
            [each.removeprefix(MEMORY) for each in self.value.evidence if each.startswith(MEMORY)] if self.value else []
        )
        return max((int(mark) for mark in marks if mark.isdigit()), default=0)

    @property
    def severity(self) -> str:
        """The worst remark's severity, else `doubtful`, else nothing."""
        found = {remark.severity for remark in self.remarks}
        worst = next((each for each in ("error", "warning") if each in found), "")
        return worst or ("doubtful" if self.doubtful else "")


@dataclass(frozen=True)
class Grid:
    """A table: rows of cells. `used` are the columns that hold any value; the others wait behind a switch."""

    name: str
    title: str
    used: frozenset[str]
    rows: list[list[Cell]]
    lines: list[int]  # for each row the number under which the machine read it; 0: a person's own
    blank: list[Cell]  # one for each column: its title and type, and what a new row is made from

    @property
    def all_names(self) -> frozenset[str]:
        """Every column's name."""
        return frozenset(cell.address.name for cell in self.blank)


@dataclass(frozen=True)
class Form:
    """The whole form of one document as one type."""

    document_type: str
    cells: list[Cell]
    grids: list[Grid]
    remarks: list[Remark]  # of the document as a whole

    @property
    def all_cells(self) -> list[Cell]:
        return [*self.cells, *(cell for grid in self.grids for row in grid.rows for cell in row)]


def key_of(address: Address) -> str:
    """An address as the page writes it: `due_date`, `line_items.2.quantity`."""
    return f"{address.table}.{address.row}.{address.name}" if address.table else address.name


def build_form(
    extraction: Extraction,
    findings: Iterable[Finding],
    kind: DocumentType | None,
    process: Process,
    words: Words,
    *,
    draft: Restored | None = None,
) -> Form:
    """Lay out the fields of a document type, with a draft's values over those extracted; without a type there is nothing."""
    if kind is None:
        return Form(extraction.document_type, [], [], [])
    builder = _Builder(extraction, draft or Restored(extraction.values, {}), list(findings), kind, process, words)
    return Form(
        kind.name,
        [builder.cell(Address(name), definition) for name, definition in kind.fields.items()],
        [builder.grid(table) for table in kind.tables],
        builder.remarks_on(None),
    )


class _Builder:
    """Looks up values, findings and candidates by address while a form is laid out."""

    def __init__(
        self,
        extraction: Extraction,
        draft: Restored,
        findings: list[Finding],
        kind: DocumentType,
        process: Process,
        words: Words,
    ) -> None:
        self.machine = {value.address: value for value in extraction.values}
        self.values = {value.address: value for value in draft.values}
        self.lines = draft.lines
        self.candidates = extraction.candidates
        self.findings, self.kind, self.process, self.words = findings, kind, process, words

    def cell(self, address: Address, definition: FieldDefinition) -> Cell:
        value, language = self.values.get(address), self.words.language
        read = self.machine.get(address._replace(row=self._line((address.table, address.row))))
        return Cell(
            address=address,
            title=_in(definition.title, language, address.name),
            type=definition.type.value,
            text=shown(value.text, definition.type, language) if value else "",
            value=value,
            doubtful=self._is_doubtful(value, definition),
            required=definition.required,
            critical=definition.critical,
            instruction=_in(definition.instruction, language, ""),
            remarks=self.remarks_on(address),
            choices=self._choices(address, definition, value),
            original=shown(read.text, definition.type, language) if read else "",
            was=read.state.value if read else ValueState.PRESENT.value,
        )

    def _line(self, line: Line) -> int:
        """The number under which the machine read a row; 0 for a person's own and for fields."""
        return self.lines.get(line, line[1])

    def grid(self, table: str) -> Grid:
        definition = self.kind.tables[table]
        rows = sorted({address.row for address in self.values if address.table == table})
        return Grid(
            name=table,
            title=_in(definition.title, self.words.language, table),
            used=frozenset(address.name for address in self.values if address.table == table),
            rows=[[self.cell(Address(n, table, row), c) for n, c in definition.columns.items()] for row in rows],
            lines=[self._line((table, row)) for row in rows],
            blank=[self.cell(Address(n, table, 0), c) for n, c in definition.columns.items()],
        )

    def remarks_on(self, address: Address | None) -> list[Remark]:
        """The findings on one address; None: those on nothing that the form shows."""
        return remarks_on(self.findings, address, self.kind, self.words)

    def _is_doubtful(self, value: Value | None, definition: FieldDefinition) -> bool:
        if value is None or value.state is not ValueState.PRESENT or value.source == "person":
            return False
        return value.probability < needed_probability(definition, self.process)

    def _choices(self, address: Address, definition: FieldDefinition, value: Value | None) -> list[Choice]:
        """The best different candidates of a header field; what is chosen already is offered too, in its place."""
        if address.table:
            return []
        best: dict[str, Candidate] = {}
        for candidate in sorted(self.candidates, key=lambda each: -each.score):
            if candidate.field == address.name:
                best.setdefault(candidate.text, candidate)
        return [
            Choice(shown(c.text, definition.type, self.words.language), c.raw, c.page, c.box)
            for c in list(best.values())[:MOST_CANDIDATES]
        ]


def remarks_on(findings: Iterable[Finding], address: Address | None, kind: DocumentType, words: Words) -> list[Remark]:
    """Findings on one address in words; with None those that name no field of this type."""
    return [
        Remark(finding.severity.value, render(finding, kind, words.language))
        for finding in findings
        if (address in finding.fields if address else not any(_is_shown(each, kind) for each in finding.fields))
    ]


def _is_shown(address: Address, kind: DocumentType) -> bool:
    return kind.definition(address.name, address.table) is not None


def _in(texts: Mapping[str, str], language: str, otherwise: str) -> str:
    return texts.get(language) or texts.get("en") or otherwise.replace("_", " ")
