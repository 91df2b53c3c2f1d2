"""Archives are unpacked into a folder of ours under names of ours, and no further than the limits."""

from __future__ import annotations

import io
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading.archives import unpack_archive
from reading.limits import MIB, Limits
from reading.pool import ReaderPool
from schemas.errors import DocumentError, NeedsPasswordError, UnreadableError, UnsafeArchiveError
from tests.reading import papers


def test_members_come_out_under_safe_names(pool: ReaderPool, tmp_path: Path) -> None:
    path = papers.archive(
        tmp_path / "post.zip", {"März/Rechnung 1.PDF": b"one", "b": b"", "März/": b"", "c.d/e.zip": b"PK"}
    )

    members = pool.unpack(path, tmp_path / "out")

    assert [(m.name, m.path.name, m.size) for m in members] == [
        ("März/Rechnung 1.PDF", "0001.pdf", 3),
        ("b", "0002", 0),
        ("c.d/e.zip", "0003.zip", 2),
    ]
    assert members[0].path.read_bytes() == b"one"
    assert {p.parent for p in (m.path for m in members)} == {tmp_path / "out"}


@pytest.mark.parametrize("form", ["w", "w:gz"])
def test_tar_archives_too(pool: ReaderPool, tmp_path: Path, form: str) -> None:
    with tarfile.open(tmp_path / "post", form) as file:
        _add(file, tarfile.TarInfo("a/letter.pdf"), b"letter")
    (member,) = pool.unpack(tmp_path / "post", tmp_path / "out")
    assert (member.name, member.path.read_bytes()) == ("a/letter.pdf", b"letter")


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "a/../../evil", "C:\\evil.txt", "..\\evil.txt", "\\evil"])
def test_a_name_that_leads_outside_condemns_the_archive(pool: ReaderPool, tmp_path: Path, name: str) -> None:
    path = papers.archive(tmp_path / "slip.zip", {"good.txt": b"good", name: b"evil"})

    assert pool.inspect(path, "slip.zip").reason == "ARCHIVE_UNSAFE_PATH"
    with pytest.raises(UnsafeArchiveError):
        pool.unpack(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(pool: ReaderPool, tmp_path: Path, kind: bytes) -> None:
    link = tarfile.TarInfo("letter.pdf")
    link.type, link.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "post.tar", "w") as file:
        file.addfile(link)
    with pytest.raises(UnsafeArchiveError) as refusal:
        pool.unpack(tmp_path / "post.tar", tmp_path / "out")
    assert refusal.value.reason == "ARCHIVE_UNSAFE_PATH"


def test_a_link_in_a_zip_is_refused(pool: ReaderPool, tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("letter.pdf")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "post.zip", "w") as file:
        file.writestr(entry, "/etc/passwd")
    assert pool.inspect(tmp_path / "post.zip", "post.zip").reason == "ARCHIVE_UNSAFE_PATH"


def test_a_bomb_is_stopped_while_it_grows(pool: ReaderPool, tmp_path: Path) -> None:
    path = papers.archive(tmp_path / "bomb.zip", {"zeros": bytes(50 * MIB)})
    with pytest.raises(UnsafeArchiveError) as refusal:
        pool.unpack(path, tmp_path / "out")
    assert refusal.value.reason == "ARCHIVE_BOMB"
    assert not (tmp_path / "out").exists()


def test_a_small_file_of_zeros_is_no_bomb(pool: ReaderPool, tmp_path: Path) -> None:
    (member,) = pool.unpack(papers.archive(tmp_path / "a.zip", {"zeros": bytes(MIB)}), tmp_path / "out")
    assert member.size == MIB


def test_overlapping_entries_are_a_bomb(pool: ReaderPool, tmp_path: Path) -> None:
    path = papers.overlapping_archive(tmp_path / "overlap.zip")
    assert pool.inspect(path, "overlap.zip").reason == "ARCHIVE_BOMB"


def test_too_many_entries_are_a_bomb(pool: ReaderPool, tmp_path: Path) -> None:
    path = papers.archive(tmp_path / "many.zip", {str(number): b"" for number in range(1001)})
    assert pool.inspect(path, "many.zip").reason == "ARCHIVE_BOMB"


def test_a_locked_or_broken_archive_says_so(pool: ReaderPool, tmp_path: Path) -> None:
    content = bytearray(papers.archive(tmp_path / "a.zip", {"a.txt": b"a" * 100}).read_bytes())
    broken = bytes(content[: len(content) // 2])
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1  # the flag of an encrypted entry
    (tmp_path / "locked.zip").write_bytes(content)
    (tmp_path / "broken.zip").write_bytes(broken)

    with pytest.raises(NeedsPasswordError):
        pool.unpack(tmp_path / "locked.zip", tmp_path / "out")
    with pytest.raises(UnreadableError):
        pool.unpack(tmp_path / "broken.zip", tmp_path / "out")


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=20), st.binary(max_size=50), max_size=5))
def test_whatever_the_names_nothing_lands_outside(members: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as home:
        into = Path(home, "inner", "out")
        into.mkdir(parents=True)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            for name, content in members.items():
                file.writestr(zipfile.ZipInfo(name.encode("utf-8", "replace").decode()), content)
        source = Path(home, "post.zip")
        source.write_bytes(buffer.getvalue())
        try:
            unpacked = unpack_archive(source, "application/zip", into, Limits())
        except DocumentError:
            unpacked = []
        assert {p for p in Path(home).rglob("*") if p.is_file()} - {source} <= set(into.iterdir())
        assert all(member.path.parent == into and member.path.stat().st_size == member.size for member in unpacked)


def _add(file: tarfile.TarFile, entry: tarfile.TarInfo, content: bytes) -> None:
    entry.size = len(content)
    file.addfile(entry, io.BytesIO(content))
