"""A first look at a file: what it is, and whether it may go on. Bytes decide, never the name."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.parsers import expat

from reading.archives import check_archive
from reading.images import ImageFile
from reading.kinds import FileType, identify, name_agrees
from reading.limits import Limits
from reading.pdf import PdfFile
from reading.pdf_features import pdf_features
from reading.transcript_pages import TranscriptFile
from reading.transcripts import MEDIA_TYPES, form_of
from schemas.errors import DocumentError, LimitExceededError, UnreadableError
from schemas.inspection import Inspection, Kind

OLE_MACROS = "_VBA_PROJECT".encode("utf-16-le")
OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ZIP_END = b"PK\x05\x06"
ZIP_TAIL = 65536 + 22


def inspect_file(path: Path, name: str, limits: Limits, *, transcripts: bool = False) -> Inspection:
    """Facts about a file. What rules it out is in the result's `reason`, not raised.

    `transcripts`: text and mail may be transcripts of contacts.
    """
    size = path.stat().st_size
    if size == 0:
        return Inspection(reason="EMPTY_FILE")
    if size > limits.file_bytes:
        return Inspection(reason="FILE_TOO_LARGE")
    found = identify(path)
    try:
        if _is_polyglot(path, found):
            return _inspection(found, reason="POLYGLOT")
        return _with_name(_look_inside(path, found, limits, transcripts), name)
    except DocumentError as error:
        return _inspection(found, reason=error.reason)


def _inspection(
    found: FileType, *, pages: int | None = None, flags: list[str] | None = None, reason: str | None = None
) -> Inspection:
    return Inspection(kind=found.kind, media_type=found.media_type, pages=pages, flags=flags or [], reason=reason)


def _with_name(inspection: Inspection, name: str) -> Inspection:
    if inspection.reason or name_agrees(name, inspection.media_type):
        return inspection
    return inspection.model_copy(update={"flags": [*inspection.flags, "TYPE_MISMATCH"]})


def _look_inside(path: Path, found: FileType, limits: Limits, transcripts: bool) -> Inspection:
    if found.kind is Kind.PDF:
        return _look_into_pdf(path, found, limits)
    if found.kind is Kind.IMAGE:
        return _look_into_image(path, found, limits)
    if found.kind is Kind.ARCHIVE:
        check_archive(path, found.media_type, limits)
        return _inspection(found)
    if found.kind is Kind.OFFICE:
        return _inspection(found, reason=_office_reason(path, found))
    if transcripts and found.media_type in ("text/plain", "message/rfc822"):
        return _look_into_transcript(path, found, limits)
    if found.kind is Kind.XML:
        _check_xml(path, limits)
    return _inspection(found, reason="UNSUPPORTED_TYPE")


def _look_into_pdf(path: Path, found: FileType, limits: Limits) -> Inspection:
    features = pdf_features(path, limits)
    document = PdfFile(path, limits)
    try:
        return _inspection(found, pages=document.pages, flags=sorted({*features, *document.flags}))
    finally:
        document.close()


def _look_into_image(path: Path, found: FileType, limits: Limits) -> Inspection:
    image = ImageFile(path, limits)
    try:
        return _inspection(FileType(Kind.IMAGE, image.media_type), pages=image.pages)
    finally:
        image.close()


def _look_into_transcript(path: Path, found: FileType, limits: Limits) -> Inspection:
    media_type = MEDIA_TYPES[form_of(path.read_bytes(), mail=found.kind is Kind.MAIL)]
    pages = TranscriptFile(path, media_type, limits).pages
    return _inspection(FileType(found.kind, media_type), pages=pages)


def _office_reason(path: Path, found: FileType) -> str:
    """Why an office file stops here: macros, a password, or that its kind is not read at all."""
    if found.media_type == "application/x-ole-storage":
        content = path.read_bytes()
        return (
            "MACRO" if OLE_MACROS in content else "NEEDS_PASSWORD" if OLE_ENCRYPTED in content else "UNSUPPORTED_TYPE"
        )
    if not found.media_type.startswith("application/vnd"):
        return "UNSUPPORTED_TYPE"
    with zipfile.ZipFile(path) as archive:
        macros = any(name.lower().endswith(("vbaproject.bin", "vbadata.xml")) for name in archive.namelist())
    return "MACRO" if macros else "UNSUPPORTED_TYPE"


def _check_xml(path: Path, limits: Limits) -> None:
    """Parse without building anything.

    Raises:
        LimitExceededError: a document type declaration (XML_DTD_FORBIDDEN), too large or too deep.
        UnreadableError: not well-formed.
    """
    if path.stat().st_size > limits.xml_bytes:
        raise LimitExceededError("the XML file is too large")
    depth = 0

    def refuse(*_: object) -> None:
        raise LimitExceededError("the XML file declares a document type", reason="XML_DTD_FORBIDDEN")

    def enter(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > limits.xml_depth:
            raise LimitExceededError("the XML file is nested too deeply")

    def leave(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = enter, leave
    try:
        parser.Parse(path.read_bytes(), True)
    except expat.ExpatError as error:
        raise UnreadableError("the XML file is not well-formed") from error


def _is_polyglot(path: Path, found: FileType) -> bool:
    """Whether a file that starts as one kind is a whole file of another kind as well."""
    if found.kind is not Kind.ARCHIVE and found.kind is not Kind.OFFICE and _ends_as_zip(path):
        return True
    if found.kind is Kind.PDF or b"%PDF-" not in path.open("rb").read(1024):
        return False
    try:
        PdfFile(path, Limits()).close()
    except DocumentError:
        return False
    return True


def _ends_as_zip(path: Path) -> bool:
    """A ZIP's table of contents that ends exactly where the file ends, and opens."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - ZIP_TAIL))
        tail = file.read()
    at = tail.rfind(ZIP_END)
    if at < 0 or len(tail) < at + 22 or at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") != len(tail):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
