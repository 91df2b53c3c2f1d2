"""The index of words: what a document's file name, values and pages say, kept in the transaction that changes them.

Words are cut and spelled by us (`schemas.search_query.words_in`), not by the database, so that both find the same. Entries
are numbered as documents come in: a search for a word that is everywhere walks back from the newest, and stops after a page.

On SQLite `search_words` is an FTS5 table whose rowid is the entry's number; on PostgreSQL the vectors stand in `search_entries`
itself, and the supplier's words have weight A. Neither is seen without a join to `documents`, which tenancy filters; on
PostgreSQL words are looked for in the view `searchable`, which shows the entries of the session's clients only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, column, func, literal, literal_column, select, table, text
from sqlalchemy.orm import Session

from schemas.document_type import document_types
from schemas.reading import Reading
from schemas.search_query import SearchQuery, Term, words_in
from schemas.values import Extraction, ValueState
from store.tables import Document

MOST_LETTERS = {"facts": 50_000, "pages": 400_000}  # a tsvector holds less than a megabyte
LAST_POSITION = 16_383  # where tsvector stops counting: further words are found, phrases of them are not

_entries = table("search_entries", column("number"), column("document_id"), column("pages"))
_searchable = table("searchable", column("number"), column("document_id"), column("words"))
_words = table("search_words", column("rowid"), column("pages"))


def enter_document(session: Session, document: Document) -> None:
    """Begin a document's entry with the name of its file."""
    enter_words(session, document.id, document.client_id, words_in(document.name))


def enter_words(session: Session, document_id: str, client_id: str, facts: Sequence[str]) -> None:
    """Begin an entry with these words."""
    if not _on_sqlite(session):
        columns, values = "document_id, client_id, facts, pages", ":document, :client, CAST(:facts AS tsvector), ''"
        session.execute(
            text(f"INSERT INTO search_entries ({columns}) VALUES ({values})"),  # noqa: S608 - our own names
            {"document": document_id, "client": client_id, "facts": _vector(facts)},
        )
        return
    insert = "INSERT INTO search_entries (document_id) VALUES (:document) RETURNING number"
    number = session.scalar(text(insert), {"document": document_id})
    session.execute(
        text("INSERT INTO search_words (rowid, supplier, facts, pages) VALUES (:number, '', :facts, '')"),
        {"number": number, "facts": " ".join(facts)},
    )


def keep_words_of_pages(session: Session, document: Document, reading: Reading) -> None:
    """Replace what the document's pages say."""
    words = words_in(" ".join(word.text for page in reading.pages for word in page.words))
    _change(session, document, "pages", _bounded(words, MOST_LETTERS["pages"]))


def keep_words_of_values(session: Session, document: Document, extraction: Extraction) -> None:
    """Replace what the document's name, supplier and values say."""
    supplier = supplier_words(document, extraction)
    values = [value.text for value in extraction.values if value.state is ValueState.PRESENT]
    facts = _bounded(words_in(" ".join([document.name, *values])), MOST_LETTERS["facts"])
    _change(session, document, "facts", facts, supplier)


def words_of_pages(session: Session, document_id: str) -> list[str]:
    """What a document's pages say, in no order."""
    if _on_sqlite(session):
        pages = select(_words.c.pages).where(_words.c.rowid == place_of(document_id))
        return (session.scalar(pages) or "").split()
    entry = select(func.tsvector_to_array(_entries.c.pages)).where(_entries.c.document_id == literal(document_id))
    return list(session.scalar(entry) or [])


def supplier_words(document: Document, extraction: Extraction) -> list[str]:
    """Its name as read, and its number in the client's master."""
    kind = document_types().get(extraction.document_type)
    value = extraction.get(kind.roles.supplier) if kind is not None and kind.roles.supplier else None
    name = value.text if value is not None and value.state is ValueState.PRESENT else ""
    return list(dict.fromkeys(words_in(f"{name} {document.supplier_key or ''}")))


def _change(
    session: Session, document: Document, part: str, words: Sequence[str], supplier: Sequence[str] = ()
) -> None:
    values: dict[str, str] = {"document": document.id}
    if _on_sqlite(session):
        values[part] = " ".join(words)
        if part == "facts":
            values["supplier"] = " ".join(supplier)
        changes = ", ".join(f"{name} = :{name}" for name in values if name != "document")
        where = "rowid = (SELECT number FROM search_entries WHERE document_id = :document)"
        session.execute(text(f"UPDATE search_words SET {changes} WHERE {where}"), values)  # noqa: S608 - our own names
    else:
        values["words"] = _vector(words, supplier)
        session.execute(
            text(f"UPDATE search_entries SET {part} = CAST(:words AS tsvector) WHERE document_id = :document"),  # noqa: S608
            values,
        )


def _on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _bounded(words: Sequence[str], most: int) -> list[str]:
    """As many of the first words as have so many letters together."""
    kept, letters = [], 0
    for word in words:
        letters += len(word) + 1
        if letters > most:
            break
        kept.append(word)
    return kept


def _vector(words: Sequence[str], supplier: Sequence[str] = ()) -> str:
    """Words as PostgreSQL writes a tsvector: each with its place, the supplier's at the end with weight A."""
    plain = [f"'{word}':{min(at, LAST_POSITION)}" for at, word in enumerate(words, 1)]
    marked = [f"'{word}':{min(at, LAST_POSITION)}A" for at, word in enumerate(supplier, len(words) + 2)]
    return " ".join([*plain, *marked])


def with_words(session: Session, statement: Select[Any], query: SearchQuery) -> Select[Any]:
    """Narrow a statement over documents to those whose entries hold the words that are looked for."""
    if _on_sqlite(session):
        statement = statement.join(_entries, _entries.c.document_id == Document.id)
        statement = statement.join(_words, _words.c.rowid == _entries.c.number)
        return statement.where(literal_column("search_words").op("MATCH")(_fts5(query)))
    statement = statement.join(_searchable, _searchable.c.document_id == Document.id)
    return statement.where(_searchable.c.words.op("@@")(text("CAST(:ts AS tsquery)").bindparams(ts=_tsquery(query))))


def place(session: Session) -> ColumnElement[Any]:
    """What a search by words is ordered by: the entry's number."""
    return _words.c.rowid if _on_sqlite(session) else _searchable.c.number


def place_of(document_id: str) -> ColumnElement[Any]:
    """The number of one document's entry."""
    return select(_entries.c.number).where(_entries.c.document_id == literal(document_id)).scalar_subquery()


def _fts5(query: SearchQuery) -> str:
    """The query in FTS5's language; words are letters and digits alone, so that nothing in them has a meaning there."""
    terms = [_fts5_term(term) for term in query.terms]
    terms += [f"supplier : {_fts5_term(term)}" for term in query.supplier]
    return " AND ".join(f"({term})" for term in terms)


def _fts5_term(term: Term) -> str:
    star = "" if term.whole else "*"
    return "(" + " OR ".join(f'"{" ".join(words)}"{star}' for words in term.spellings) + ")"


def _tsquery(query: SearchQuery) -> str:
    """The query in PostgreSQL's language."""
    terms = [*_tsquery_terms(query.terms, ""), *_tsquery_terms(query.supplier, "A")]
    return " & ".join(f"({term})" for term in terms)


def _tsquery_terms(terms: Iterable[Term], weight: str) -> Iterable[str]:
    for term in terms:
        marks = weight + ("" if term.whole else "*")
        yield " | ".join(_tsquery_phrase(words, f":{marks}" if marks else "", weight) for words in term.spellings)


def _tsquery_phrase(words: Sequence[str], last_marks: str, weight: str) -> str:
    plain = f":{weight}" if weight else ""
    return "(" + " <-> ".join([*(f"'{word}'{plain}" for word in words[:-1]), f"'{words[-1]}'{last_marks}"]) + ")"
