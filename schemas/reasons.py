"""Reason codes: why a file or document does not simply go through, what becomes of it, and what the sender is told.

One table; the reference page is generated from it. Texts go to the sender, so they say what happened and what to do.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What a reason does to the file or document that has it.

    `quarantined` is kept apart as a danger; `in_review` goes on to a person; `noted` goes through and keeps the fact.
    """

    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    HELD = "held"
    IN_REVIEW = "in_review"
    NOTED = "noted"


class Reason(NamedTuple):
    """One reason code with its outcome and its texts by language."""

    code: str
    outcome: Outcome
    text: dict[str, str]


def _reason(code: str, outcome: Outcome, en: str, de: str) -> tuple[str, Reason]:
    return code, Reason(code, outcome, {"en": en, "de": de})


REASONS: dict[str, Reason] = dict(
    [
        # the file itself
        _reason(
            "EMPTY_FILE",
            Outcome.REJECTED,
            "The file is empty. Please send it again.",
            "Die Datei ist leer. Bitte senden Sie sie noch einmal.",
        ),
        _reason(
            "ABANDONED_UPLOAD",
            Outcome.HELD,
            "The upload was started and never finished. Please upload the file again.",
            "Die Übertragung wurde begonnen, aber nicht beendet. Bitte übertragen Sie die Datei noch einmal.",
        ),
        _reason(
            "FILE_TOO_LARGE",
            Outcome.REJECTED,
            "The file is larger than we accept. Please split it or save it smaller.",
            "Die Datei ist größer als erlaubt. Bitte teilen oder verkleinern Sie sie.",
        ),
        _reason(
            "UNREADABLE",
            Outcome.REJECTED,
            "The file is damaged and cannot be opened. Please send an undamaged copy.",
            "Die Datei ist beschädigt und lässt sich nicht öffnen. Bitte senden Sie eine unbeschädigte Kopie.",
        ),
        _reason(
            "DAMAGED_REPAIRED",
            Outcome.IN_REVIEW,
            "The file was damaged. We could repair it, and a person checks that nothing is missing.",
            "Die Datei war beschädigt. Sie wurde repariert; ein Mensch prüft, ob etwas fehlt.",
        ),
        _reason(
            "PAGE_UNREADABLE",
            Outcome.IN_REVIEW,
            "A page of the file could not be opened; a person looks at it.",
            "Eine Seite der Datei lässt sich nicht öffnen; ein Mensch sieht sie an.",
        ),
        _reason(
            "UNSUPPORTED_TYPE",
            Outcome.REJECTED,
            "We do not read this kind of file. Please send PDF, TIFF, PNG, JPEG or ZIP.",
            "Diese Art von Datei wird nicht gelesen. Bitte senden Sie PDF, TIFF, PNG, JPEG oder ZIP.",
        ),
        _reason(
            "TYPE_MISMATCH",
            Outcome.IN_REVIEW,
            "The file name promises another kind of file than the content is; a person looks at it.",
            "Der Dateiname verspricht eine andere Art von Datei als der Inhalt; ein Mensch sieht sie an.",
        ),
        _reason(
            "POLYGLOT",
            Outcome.QUARANTINED,
            "The file is two kinds of file at once. It was set apart and not opened.",
            "Die Datei ist zwei Arten von Datei zugleich. Sie wurde beiseitegelegt und nicht geöffnet.",
        ),
        _reason(
            "NEEDS_PASSWORD",
            Outcome.HELD,
            "The file opens only with a password. Please send it without one, or tell us the password.",
            "Die Datei öffnet sich nur mit einem Passwort. Bitte senden Sie sie ohne Passwort oder nennen Sie es uns.",
        ),
        _reason(
            "RESTRICTED",
            Outcome.NOTED,
            "The file restricts printing or copying; it was read all the same.",
            "Die Datei beschränkt Drucken oder Kopieren; sie wurde trotzdem gelesen.",
        ),
        _reason(
            "SIGNED",
            Outcome.NOTED,
            "The file carries a digital signature; the original stays unchanged.",
            "Die Datei trägt eine digitale Signatur; das Original bleibt unverändert.",
        ),
        _reason(
            "ACTIVE_CONTENT",
            Outcome.NOTED,
            "The file contains scripts or actions. They were not run; only what the pages show was read.",
            "Die Datei enthält Skripte oder Aktionen. Sie wurden nicht ausgeführt; gelesen wurde nur das Sichtbare.",
        ),
        _reason(
            "EMBEDDED_FILES",
            Outcome.NOTED,
            "The file carries other files inside it.",
            "Die Datei trägt weitere Dateien in sich.",
        ),
        # dangers and limits
        _reason(
            "ARCHIVE_BOMB",
            Outcome.QUARANTINED,
            "The archive grows beyond all limits when unpacked. It was set apart.",
            "Das Archiv wächst beim Entpacken über alle Grenzen. Es wurde beiseitegelegt.",
        ),
        _reason(
            "ARCHIVE_UNSAFE_PATH",
            Outcome.QUARANTINED,
            "The archive wants to write outside its own folder. It was set apart.",
            "Das Archiv will außerhalb seines Ordners schreiben. Es wurde beiseitegelegt.",
        ),
        _reason(
            "ARCHIVE_TOO_DEEP",
            Outcome.QUARANTINED,
            "There are archives within archives, deeper than we open. Please send the files themselves.",
            "Die Archive sind tiefer verschachtelt als erlaubt. Bitte senden Sie die Dateien selbst.",
        ),
        _reason(
            "IMAGE_TOO_LARGE",
            Outcome.REJECTED,
            "The picture has more pixels or frames than we accept. Please scan it at 200 to 300 dpi.",
            "Das Bild hat mehr Bildpunkte oder Seiten als erlaubt. Bitte scannen Sie mit 200 bis 300 dpi.",
        ),
        _reason(
            "PDF_RESOURCE_LIMIT",
            Outcome.QUARANTINED,
            "The PDF is built so that opening it costs too much. It was set apart.",
            "Das PDF ist so gebaut, dass das Öffnen zu viel kostet. Es wurde beiseitegelegt.",
        ),
        _reason(
            "PARSER_LIMIT",
            Outcome.IN_REVIEW,
            "Reading the file took too much time or memory; a person looks at it.",
            "Das Lesen der Datei brauchte zu viel Zeit oder Speicher; ein Mensch sieht sie an.",
        ),
        _reason(
            "XML_DTD_FORBIDDEN",
            Outcome.QUARANTINED,
            "The XML file contains a document type declaration, which we do not open.",
            "Die XML-Datei enthält eine Dokumenttyp-Deklaration, die nicht geöffnet wird.",
        ),
        _reason(
            "MACRO",
            Outcome.QUARANTINED,
            "The office file contains macros. Please send a PDF.",
            "Die Office-Datei enthält Makros. Bitte senden Sie ein PDF.",
        ),
        # the document among others
        _reason(
            "DUPLICATE_BYTES",
            Outcome.HELD,
            "Exactly this file has already arrived.",
            "Genau diese Datei ist bereits eingegangen.",
        ),
        _reason(
            "DUPLICATE_BUSINESS",
            Outcome.HELD,
            "This document seems to be one that we already have: same sender, number or amount.",
            "Dieser Beleg scheint bereits vorzuliegen: gleicher Absender, gleiche Nummer oder gleicher Betrag.",
        ),
        _reason(
            "BATCH_INCOMPLETE",
            Outcome.HELD,
            "The control sheet announces files that did not arrive, or sums that differ.",
            "Das Begleitblatt kündigt Dateien an, die nicht eingegangen sind, oder Summen weichen ab.",
        ),
        _reason(
            "OTHER_TYPE",
            Outcome.IN_REVIEW,
            "This is none of the agreed kinds of document; a person looks at it.",
            "Das ist keine der vereinbarten Belegarten; ein Mensch sieht sie an.",
        ),
        _reason(
            "BLANK",
            Outcome.IN_REVIEW,
            "The page is blank.",
            "Die Seite ist leer.",
        ),
        _reason(
            "SEPARATOR",
            Outcome.NOTED,
            "The page is a separator sheet; it is not part of the data.",
            "Die Seite ist ein Trennblatt; sie gehört nicht zu den Daten.",
        ),
        _reason(
            "REOPENED",
            Outcome.IN_REVIEW,
            "The document was opened again; the note says why.",
            "Der Beleg wurde wieder geöffnet; die Notiz sagt, warum.",
        ),
        _reason(
            "ASKED",
            Outcome.NOTED,
            "A question about the document waits for your answer.",
            "Eine Frage zu dem Beleg wartet auf Ihre Antwort.",
        ),
        _reason(
            "ANSWERED",
            Outcome.IN_REVIEW,
            "The client has answered a question about the document.",
            "Der Auftraggeber hat eine Frage zu dem Beleg beantwortet.",
        ),
        _reason(
            "ESCALATED",
            Outcome.IN_REVIEW,
            "A colleague asks a lead to decide.",
            "Eine Kollegin oder ein Kollege bittet die Leitung um eine Entscheidung.",
        ),
        _reason(
            "DOUBLE_KEY",
            Outcome.IN_REVIEW,
            "A second person keys some of the values without seeing the first ones.",
            "Einige Werte werden ein zweites Mal erfasst, ohne die ersten zu sehen.",
        ),
        _reason(
            "AUDIT_CORRECTED",
            Outcome.IN_REVIEW,
            "An audit found a wrong value and put it right.",
            "Bei einer Prüfung fand sich ein falscher Wert; er ist berichtigt.",
        ),
        _reason(
            "CLAIM_ACCEPTED",
            Outcome.IN_REVIEW,
            "A claim about a delivered value was right; the value is corrected.",
            "Eine Reklamation eines gelieferten Wertes war berechtigt; der Wert ist berichtigt.",
        ),
        _reason(
            "LOT_REFUSED",
            Outcome.IN_REVIEW,
            "The lot of this document did not pass its audit; every document of it is looked at.",
            "Das Los dieses Belegs hat die Prüfung nicht bestanden; jeder Beleg daraus wird angesehen.",
        ),
        _reason(
            "CERTIFICATE_REVOKED",
            Outcome.IN_REVIEW,
            "The machine that read this document has become less sure than it was proven to be; a person looks at it.",
            "Die Maschine, die diesen Beleg gelesen hat, ist unsicherer geworden als belegt; ein Mensch sieht ihn an.",
        ),
        _reason(
            "DOUBTFUL_SPLIT",
            Outcome.IN_REVIEW,
            "The file holds several documents, and it is not sure where one ends; a person checks the pages.",
            "Die Datei enthält mehrere Belege, und die Grenze ist nicht sicher; ein Mensch prüft die Seiten.",
        ),
        _reason(
            "BAD_TEXT_LAYER",
            Outcome.NOTED,
            "The text hidden in the file does not match what it shows; the picture was read instead.",
            "Der in der Datei hinterlegte Text passt nicht zum Bild; gelesen wurde das Bild.",
        ),
        # people's decisions
        _reason(
            "JOINED",
            Outcome.NOTED,
            "These pages belong to another document of the same file, and were worked on with it.",
            "Diese Seiten gehören zu einem anderen Beleg derselben Datei und wurden mit ihm bearbeitet.",
        ),
        _reason(
            "NOT_AGREED",
            Outcome.REJECTED,
            "This kind of document is not part of our agreement. Please send it where it belongs.",
            "Diese Art von Beleg ist nicht vereinbart. Bitte senden Sie sie an die richtige Stelle.",
        ),
        _reason(
            "WRONG_RECIPIENT",
            Outcome.REJECTED,
            "This document is addressed to somebody else.",
            "Dieser Beleg ist an jemand anderen gerichtet.",
        ),
        _reason(
            "CLIENT_REJECTED",
            Outcome.REJECTED,
            "We sent this document back: it cannot be processed as it is.",
            "Dieser Beleg geht zurück: Er kann so nicht verarbeitet werden.",
        ),
        _reason(
            "WITHDRAWN",
            Outcome.REJECTED,
            "The document was withdrawn at your request.",
            "Der Beleg wurde auf Ihren Wunsch zurückgezogen.",
        ),
    ]
)


def reason_text(code: str, language: str) -> str:
    """The text for the sender in `language` (English where there is none); the code itself when it is unknown."""
    reason = REASONS.get(code)
    return reason.text.get(language, reason.text["en"]) if reason else code


def outcome_of(code: str) -> Outcome:
    """What a reason does. An unknown code goes to a person: nothing unknown goes through by itself."""
    return REASONS[code].outcome if code in REASONS else Outcome.IN_REVIEW


def reasons_markdown() -> str:
    """The reference table of all reason codes, for the docs."""
    rows = [f"| `{r.code}` | {r.outcome} | {r.text['en']} |" for r in REASONS.values()]
    return "\n".join(["| Code | Outcome | What the sender is told |", "|---|---|---|", *rows]) + "\n"
