"""What one reader process and one file may cost. Defaults are ceilings for office documents, not typical sizes."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Limits on a child process (the first group), on what it opens, and on archives.

    Bytes, seconds and pixels as named. A job's CPU time counts the child and, separately, each program that it starts.
    """

    memory_bytes: int = 2048 * MIB  # address space
    cpu_seconds: int = 25  # per job without pages, and per page
    job_seconds: float = 25.0  # wall time of a job without progress: inspect, unpack, one page; twice is under a minute
    read_seconds: float = 900.0  # wall time of a whole reading; each page also has `job_seconds`
    written_file_bytes: int = 1024 * MIB
    open_files: int = 256
    reply_bytes: int = 256 * MIB
    jobs_per_child: int = 500  # then a fresh child takes over
    resident_bytes: int = 700 * MIB  # a child that grew beyond is replaced after its job

    file_bytes: int = 200 * MIB
    pdf_pages: int = 2000
    pdf_stream_bytes: int = 75 * MIB  # a decoded stream that is not a picture
    pixels: int = 100_000_000
    frames: int = 2000
    side_pixels: int = 10_000  # of a rendered page; the resolution drops instead of failing
    ocr_pixels: int = 10_000_000  # a page image is scaled down to this before OCR
    characters_per_page: int = 200_000
    xml_bytes: int = 20 * MIB
    xml_depth: int = 200

    archive_entries: int = 1000
    archive_bytes: int = 1024 * MIB
    archive_entry_bytes: int = 200 * MIB
    archive_ratio: int = 100  # decompressed : compressed, after the first MiB
