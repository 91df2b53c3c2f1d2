"""A document's story as steps to read: what the audit trail says, with the words and values that it only points to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemas.document_type import DocumentType
from store.story import Story, StoryEvent
from store.tables import Correction, Note, Question, ReviewTask
from workbench.document_words import reason_words
from workbench.permissions import Permission
from workbench.visitor import Visitor
from workbench.words import Words

OURS = "Cleardesk"  # what others than our own people see of who did it


@dataclass(frozen=True)
class Step:
    """One step: `what` happened, to which `state` where it changed one; `said`: words that people wrote."""

    at: dt.datetime
    actor: str
    kind: str
    what: str
    state: str = ""
    codes: tuple[str, ...] = ()
    detail: str = ""
    old: str | None = None
    new: str | None = None
    said: str = ""
    run: str = ""  # the flow run that did it
    data: dict[str, Any] | None = None


class StoryTeller:
    """Turns events to steps for one reader."""

    def __init__(self, story: Story, kind: DocumentType | None, visitor: Visitor, words: Words) -> None:
        self.words, self.kind = words, kind
        self.staff = visitor.may(Permission.STAFF_NAMES)
        self.corrections = {each.id: each for each in story.corrections}
        self.notes = {each.id: each for each in story.notes}
        self.questions = {each.id: each for each in story.questions}
        self.tasks = {each.id: each for each in story.tasks}
        self.events = story.events

    def steps(self) -> Iterator[Step]:
        """The steps in their order."""
        yield from map(self._step, self.events)

    def _step(self, event: StoryEvent) -> Step:
        data = event.data
        correction: Correction | None = self.corrections.get(data.get("correction", ""))
        new = str(data.get("new") or "")
        return Step(
            at=event.at,
            actor=event.actor if self.staff or event.actor.startswith("flow:") else OURS,
            kind=event.kind,
            what=self.words.maybe(f"event.{event.kind}", event.kind),
            state=new if self.words.maybe(f"state.{new}", "") else "",
            codes=tuple(str(data[name]) for name in ("reason", "error") if data.get(name)),
            detail=self._detail(event),
            old=self._shown(correction.old, correction.old_state) if correction else None,
            new=self._shown(correction.new, correction.new_state) if correction else None,
            said=self._said(event),
            run=str(data.get("run") or ""),
            data=data,
        )

    def _shown(self, text: str, state: str) -> str:
        return text or self.words(f"value.{state}")

    def _detail(self, event: StoryEvent) -> str:
        """Facts in a few words: which field, which reader, how many pages, which version, how long."""
        return ", ".join(part for part in self._parts(event) if part)

    def _parts(self, event: StoryEvent) -> Iterator[str]:
        data, words = event.data, self.words
        if field := data.get("field"):
            yield self._title(str(field))
        if code := data.get("reason"):
            yield reason_words(words, None, str(code))
        if event.kind == "document.read":
            yield words.counted("story.pages", data.get("pages", 0))
            yield words("story.read_by", reader=data.get("reader") or "–")
        if extractor := data.get("extractor"):
            yield str(extractor)
        if data.get("version"):
            yield words("story.version", number=data["version"])
        if event.kind.startswith("task."):
            yield from self._of_task(event)

    def _of_task(self, event: StoryEvent) -> Iterator[str]:
        task: ReviewTask | None = self.tasks.get(event.subject)
        if event.kind == "task.opened" and task is not None:
            yield task.queue
            kind = self.kind.name if self.kind else None
            yield "; ".join(reason_words(self.words, kind, str(reason)) for reason in task.reasons)
        if event.kind == "task.closed" and task is not None:
            yield self.words.maybe(f"result.{task.result}", task.result or "")
            if task.seconds:
                yield self.words("story.seconds", seconds=self.words.number(round(task.seconds)))
        if event.kind == "task.pinned" and self.staff:
            yield str(event.data.get("person") or "")

    def _title(self, field: str) -> str:
        """A field's name in the reader's language, line items' columns too."""
        tables = [table.columns for table in self.kind.tables.values()] if self.kind else []
        for fields in [self.kind.fields if self.kind else {}, *tables]:
            if field in fields:
                return fields[field].title.get(self.words.language) or field
        return field

    def _said(self, event: StoryEvent) -> str:
        """What people wrote: notes are for our own people, questions and answers for the client too."""
        note: Note | None = self.notes.get(event.data.get("note", ""))
        if note is not None:
            return note.text if self.staff else ""
        question: Question | None = self.questions.get(event.subject)
        if question is None:
            correction = self.corrections.get(event.data.get("correction", ""))
            return (correction.reason or "") if correction is not None and self.staff else ""
        return question.text if event.kind == "question.asked" else question.answer or ""
