"""Where the numbers and dates of an invoice stand. Each takes the top of the free space and returns its end."""

from __future__ import annotations

from sample_data.generator.pen import GREY
from sample_data.generator.sheet import Sheet


def column_right(sheet: Sheet, y: float, *, top: float = 54.0, x: float = 125.0) -> float:
    """Label and value beside each other, in a column at the right of the address; the title under the address."""
    at = top
    for fact in sheet.facts():
        sheet.pen.text(x, at, f"{fact.label}:")
        sheet.pen.text(190, at, fact.text, fact.tag, align="right")
        at += 5
    return title(sheet, max(y, at + 4))


def stacked_right(sheet: Sheet, y: float, *, top: float = 50.0) -> float:
    """Each label small above its value, down the right side."""
    at = top
    for fact in sheet.facts():
        sheet.pen.text(145, at, fact.label, size=7.5, colour=GREY)
        sheet.pen.text(145, at + 4.2, fact.text, fact.tag, bold=True)
        at += 10
    return title(sheet, max(y, at))


def boxes_row(sheet: Sheet, y: float) -> float:
    """A row of ruled boxes, labels above values, at most four in a row."""
    y = title(sheet, y)
    facts = sheet.facts()
    for start in range(0, len(facts), 4):
        row = facts[start : start + 4]
        width = 170 / len(row)
        for at, fact in enumerate(row):
            sheet.pen.box(20 + at * width, y, width, 11)
            sheet.pen.text(22 + at * width, y + 3.8, fact.label, size=7)
            sheet.pen.text(22 + at * width, y + 8.8, fact.text, fact.tag, size=9, bold=True)
        y += 11
    return y + 8


def reference_line(sheet: Sheet, y: float) -> float:
    """DIN 5008 reference line: small labels in one line, the values under them, no rules."""
    facts = sheet.facts(due=False)
    for start in range(0, len(facts), 4):
        for at, fact in enumerate(facts[start : start + 4]):
            sheet.pen.text(25 + at * 42, y, fact.label, size=7, colour=GREY)
            sheet.pen.text(25 + at * 42, y + 4.4, fact.text, fact.tag)
        y += 10
    return _salutation(sheet, title(sheet, y + 4))


def two_columns(sheet: Sheet, y: float) -> float:
    """Label: value in two columns under the title."""
    y = title(sheet, y)
    facts = sheet.facts()
    half = (len(facts) + 1) // 2
    for column, part in enumerate((facts[:half], facts[half:])):
        for at, fact in enumerate(part):
            x = 20 + column * 88
            sheet.pen.text(x, y + at * 5, f"{fact.label}:")
            sheet.pen.text(x + 42, y + at * 5, fact.text, fact.tag)
    return y + half * 5 + 5


def title_sentence(sheet: Sheet, y: float) -> float:
    """`Rechnung 2026-97 vom 3. November 2026`, the rest in lines under it."""
    of, first, of_day = sheet.invoice, sheet.facts(), {"de": " vom ", "en": " of "}[sheet.style.language]
    kind = of.kind
    parts: list[tuple[str, str | None]] = [(f"{sheet.word(kind)} ", None)]
    parts += [(of.number, f"{kind}_number")] if of.number else []
    parts += [(of_day, None), (sheet.date(of.date), f"{kind}_date")]
    sheet.pen.run(20, y, parts, size=13, bold=True)
    y += 8
    for fact in first:
        if fact.tag not in (f"{kind}_number", f"{kind}_date"):
            sheet.pen.run(20, y, [(f"{fact.label}: ", None), (fact.text, fact.tag)])
            y += 5
    return _salutation(sheet, y + 3)


def dotted_labels(sheet: Sheet, y: float) -> float:
    """Typewriter: labels filled up with dots to a column of colons."""
    y = title(sheet, y)
    longest = max(len(fact.label) for fact in sheet.facts())
    for fact in sheet.facts():
        sheet.pen.run(20, y, [(f"{fact.label.ljust(longest, '.')}: ", None), (fact.text, fact.tag)])
        y += 4.6
    return y + 5


def grid_right(sheet: Sheet, y: float, *, top: float = 34.0) -> float:
    """A small ruled grid at the right: labels right aligned in the first column, values in the second."""
    at = top
    for fact in sheet.facts():
        sheet.pen.box(110, at, 42, 6, fill=(0.94, 0.94, 0.94))
        sheet.pen.box(110, at, 80, 6, weight=0.3)
        sheet.pen.text(150, at + 4.2, fact.label, size=8.5, align="right")
        sheet.pen.text(154, at + 4.2, fact.text, fact.tag, size=9)
        at += 6
    return max(y + 36, at + 10)


def side_by_side(sheet: Sheet, y: float) -> float:
    """Three columns of label above value beside the side column."""
    y = title(sheet, y, x=62)
    for at, fact in enumerate(sheet.facts()):
        x, top = 62 + at % 3 * 44, y + at // 3 * 11
        sheet.pen.text(x, top, fact.label, size=7.5, colour=sheet.accent)
        sheet.pen.text(x, top + 4.2, fact.text, fact.tag)
    return y + (len(sheet.facts()) + 2) // 3 * 11 + 5


def title(sheet: Sheet, y: float, *, x: float = 20.0) -> float:
    """The word that names the document."""
    sheet.pen.text(x, y, sheet.word(sheet.invoice.kind), size=14, bold=True)
    return y + 9


def _salutation(sheet: Sheet, y: float) -> float:
    """A greeting and what this letter is for."""
    sheet.pen.text(20, y, sheet.word("greeting"))
    sheet.pen.text(20, y + 5.5, sheet.word(f"intro_{sheet.invoice.kind}"))
    return y + 10
