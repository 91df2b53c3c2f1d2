"""A batch scan comes as one file: it is taken apart at its sheets, or where the pages look like first ones."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.learning.first_pages import FirstPageModel, SplitExample, learn_first_pages
from extraction.splitting import Part, part_reading, split_pages, without_dropped
from schemas.reading import Box, Code, PageReading, Reading, Source, Table
from tests.extraction.paper import Line, german_invoice, reading_of

SHEET = "CLEARDESK-SEPARATOR"
Pages = Sequence[Sequence[Line]]


def invoice(number: str, *lines: str) -> list[Line]:
    """The first page of an invoice with this number; `lines` are added at its foot."""
    page = [[(x, text.replace("RE-2026-0815", number)) for x, text in line] for line in german_invoice()]
    return [*page, *([(60, line)] for line in lines)]


def second_page(number: str, *lines: str) -> list[Line]:
    return [
        [(60, "Muster Werkzeuge GmbH"), (360, "Rechnungs-Nr.:"), (460, number)],
        *([(60, line)] for line in lines),
        [(60, "Übertrag"), (480, "1.250,00")],
        [(60, "3"), (100, "Schraubenzieher"), (330, "1"), (390, "5,00"), (480, "5,00")],
    ]


def scan(*pages: Sequence[Line], sheets: Sequence[int] = (), labels: Sequence[int] = ()) -> Reading:
    """A scan; a page without lines is blank, `sheets` are separators with a code, `labels` are pages with one stuck on."""
    reading = reading_of(*pages, confidence=0.95)
    code = Code(SHEET, "QRCode", Box(0.4, 0.4, 0.6, 0.6))
    return reading.model_copy(
        update={
            "pages": [
                page.model_copy(
                    update={
                        "codes": [code] if page.number in (*sheets, *labels) else [],
                        "source": Source.OCR if page.words or page.number in sheets else Source.NONE,
                    }
                )
                for page in reading.pages
            ]
        }
    )


def numbers(parts: Sequence[Part]) -> list[tuple[int, ...]]:
    return [part.kept for part in parts]


def dropped(part: Part) -> dict[int, str]:
    return {page.number: page.dropped for page in part.pages if page.dropped}


def test_sheets_cut_and_they_and_blank_backs_are_dropped_with_their_reason() -> None:
    file = scan(
        [],
        invoice("RE-1001"),
        [],
        [],
        invoice("RE-1002"),
        second_page("RE-1002"),
        [],
        invoice("RE-1003"),
        sheets=(1, 4, 7),
    )
    parts = split_pages(file, separators=[SHEET])
    assert numbers(parts) == [(2,), (5, 6), (8,)]
    assert [dropped(part) for part in parts] == [{1: "SEPARATOR", 3: "BLANK"}, {4: "SEPARATOR"}, {7: "SEPARATOR"}]
    assert all(part.probability == 1.0 for part in parts)


def test_a_sheet_is_also_known_by_the_few_words_on_it() -> None:
    parts = split_pages(
        scan(invoice("RE-1001"), [[(60, "Cleardesk separator")]], invoice("RE-1002")), separators=[SHEET]
    )
    assert numbers(parts) == [(1,), (3,)]


def test_a_label_stuck_on_a_first_page_cuts_and_the_page_is_kept() -> None:
    file = scan(invoice("RE-1001"), second_page("RE-1001"), invoice("RE-1002"), labels=(1, 3))
    assert numbers(split_pages(file, separators=[SHEET])) == [(1, 2), (3,)]


def test_a_forgotten_sheet_is_a_doubt_and_no_cut() -> None:
    file = scan(invoice("RE-1001"), invoice("RE-1002"), [], invoice("RE-1003"), sheets=(3,))
    first, second = split_pages(file, separators=[SHEET])
    assert (first.kept, second.kept) == ((1, 2), (4,))
    assert first.probability < 0.2 and second.probability == 1.0


def test_without_sheets_the_pages_themselves_say_where_a_document_begins() -> None:
    parts = split_pages(scan(invoice("RE-1001"), invoice("RE-1002"), second_page("RE-1002"), [], invoice("RE-1003")))
    assert numbers(parts) == [(1,), (2, 3), (5,)]
    assert all(part.probability > 0.9 for part in parts)
    assert dropped(parts[1]) == {4: "BLANK"}


def test_a_page_that_says_little_is_a_doubtful_cut() -> None:
    parts = split_pages(scan(invoice("RE-1001"), [[(60, "Stundenzettel")], [(60, "Montag 8 Stunden")]]))
    assert numbers(parts) == [(1, 2)]
    assert 0.5 <= parts[0].probability < 0.9


def test_pages_that_count_themselves_come_into_their_order() -> None:
    first, last = invoice("RE-1001", "Seite 1 von 2"), second_page("RE-1001", "Seite 2 von 2")
    other = invoice("RE-1002", "Seite 1 von 2"), second_page("RE-1002", "Seite 2 von 2")
    (one, two) = split_pages(scan(last, first, *other))
    assert (one.kept, two.kept) == ((2, 1), (3, 4))
    assert one.probability < 1.0


def test_a_last_page_whose_first_is_missing_takes_no_other_documents_first() -> None:
    file = scan(
        second_page("RE-1001", "Seite 2 von 2"),
        invoice("RE-1002", "Seite 1 von 2"),
        second_page("RE-1002", "Seite 2 von 2"),
    )
    assert numbers(split_pages(file)) == [(1,), (2, 3)]


def test_without_first_pages_only_sheets_cut() -> None:
    file = scan(invoice("RE-1001"), invoice("RE-1002"))
    assert numbers(split_pages(file, separators=[SHEET], first_pages=False)) == [(1, 2)]


def test_nothing_but_sheets_and_blank_pages_stays_one_document_for_a_person() -> None:
    (part,) = split_pages(scan([], [], sheets=(1,)), separators=[SHEET])
    assert part.kept == (1, 2)


def test_a_parts_reading_has_its_pages_in_order_and_its_tables() -> None:
    file = scan(second_page("RE-1001", "Seite 2 von 2"), invoice("RE-1001", "Seite 1 von 2"), [])
    table = Table(page=1, box=Box(0, 0, 1, 1), rows=[["x"]], boxes=[[None]])
    (part,) = split_pages(file)
    own = part_reading(file.model_copy(update={"tables": [table]}), part.pages)
    assert [page.number for page in own.pages] == [1, 2, 3]
    assert own.pages[0].words == file.pages[1].words
    assert own.tables is not None and [each.page for each in own.tables] == [2]
    assert len(without_dropped(own, part.pages).pages) == 2


def test_files_that_people_split_teach_what_a_first_page_is() -> None:
    """The client's documents begin with a cover page that the hand-set weights take for a page like any other."""
    cover: list[Line] = [[(60, "Lieferadresse")], [(60, "Rechnungsdatum:"), (200, "03.11.2026")]]
    body: list[Line] = [[(60, "Position 1")], [(60, "Position 2")]]
    file = scan(cover, body, cover, body, body)
    assert numbers(split_pages(file)) == [(1, 2, 3, 4, 5)]
    model = learn_first_pages([SplitExample(file, frozenset({1, 3}))] * 20)
    assert numbers(split_pages(file, model=model)) == [(1, 2), (3, 4, 5)]
    assert FirstPageModel.load(model.files()) == model


def test_nothing_learned_is_nothing_changed() -> None:
    assert learn_first_pages([]) == FirstPageModel()


PAGE_KINDS = st.sampled_from(["blank", "sheet", "first", "second"])


@settings(max_examples=40, deadline=None)
@given(st.lists(PAGE_KINDS, min_size=1, max_size=8), st.booleans())
def test_every_page_is_in_exactly_one_part(kinds: list[str], first_pages: bool) -> None:
    content = {"blank": [], "sheet": [], "first": invoice("RE-1001"), "second": second_page("RE-1001")}
    sheets = [number for number, kind in enumerate(kinds, start=1) if kind == "sheet"]
    file = scan(*(content[kind] for kind in kinds), sheets=sheets)
    parts = split_pages(file, separators=[SHEET], first_pages=first_pages)
    assert sorted(page.number for part in parts for page in part.pages) == list(range(1, len(kinds) + 1))
    assert all(part.kept and 0 <= part.probability <= 1 for part in parts)
    sizes = [len(part_reading(file, part.pages).pages) for part in parts]
    assert sum(sizes) == len(kinds)


def test_a_reading_keeps_what_is_not_split() -> None:
    page = PageReading(number=1, width=100, height=100, source=Source.NONE, words=[])
    reading = Reading(reader="test", pages=[page])
    (part,) = split_pages(reading)
    assert part_reading(reading, part.pages) == reading
