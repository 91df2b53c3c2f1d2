"""A bad file may kill its own reader, never a neighbour's, and nothing is left behind."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading.limits import Limits
from reading.pool import ReaderPool
from reading.sandbox import Tier, best_tier
from reading.wire import receive, send
from schemas.errors import LimitExceededError, ReaderCrashedError, SettingsError
from tests.reading import papers

TIGHT = Limits(job_seconds=6, cpu_seconds=1, memory_bytes=1024**3)
PDF = "application/pdf"


@pytest.fixture(scope="module")
def tight_pool() -> Iterator[ReaderPool]:
    with ReaderPool(2, limits=TIGHT, rehearsal=True) as pool:
        pool.warm()
        yield pool


def family(pool: ReaderPool) -> list[psutil.Process]:
    """The pool's children with all that they started."""
    tops = [psutil.Process(pid) for pid in pool.pids]
    return [process for top in tops for process in (top, *top.children(recursive=True))]


def gone(processes: list[psutil.Process], within: float = 30.0) -> bool:
    return not psutil.wait_procs(processes, timeout=within)[1]


def test_ten_gigabytes_are_refused_at_once(tight_pool: ReaderPool) -> None:
    started = time.monotonic()
    with pytest.raises(LimitExceededError):
        tight_pool.misbehave("allocate")
    assert time.monotonic() - started < 30


def test_an_endless_loop_is_ended_by_its_cpu_time(tight_pool: ReaderPool) -> None:
    with pytest.raises(LimitExceededError), ReaderPool(1, limits=Limits(cpu_seconds=1), rehearsal=True) as pool:
        pool.misbehave("spin")


def test_a_hanging_reader_is_killed_with_all_that_it_started(tight_pool: ReaderPool) -> None:
    tight_pool.warm()
    before = set(tight_pool.pids)
    with pytest.raises(ReaderCrashedError):
        tight_pool.misbehave("sleep_with_program")
    assert len(before - set(tight_pool.pids)) == 1
    assert gone(
        [p for p in psutil.process_iter(["cmdline"]) if "time.sleep(3599)" in " ".join(p.info["cmdline"] or [])]
    )


def test_a_crash_costs_one_child_and_the_pool_goes_on(tight_pool: ReaderPool, tmp_path: Path) -> None:
    letter = papers.letter(tmp_path / "letter.pdf")
    for _ in range(3):
        with pytest.raises(ReaderCrashedError):
            tight_pool.misbehave("crash")
    assert papers.NUMBER in tight_pool.read(letter, media_type=PDF).text


def test_neighbours_go_on_while_one_hangs(tight_pool: ReaderPool, tmp_path: Path) -> None:
    letter = papers.letter(tmp_path / "letter.pdf")
    tight_pool.warm()
    with ThreadPoolExecutor(4) as threads:
        hanging = threads.submit(tight_pool.misbehave, "sleep")
        readings = [threads.submit(tight_pool.read, letter, media_type=PDF) for _ in range(20)]
        assert all(papers.NUMBER in reading.result().text for reading in readings)
        assert isinstance(hanging.exception(), ReaderCrashedError)


def test_two_threads_may_warm_the_pool_at_once(tight_pool: ReaderPool) -> None:
    with ThreadPoolExecutor(2) as threads:
        for warming in [threads.submit(tight_pool.warm) for _ in range(4)]:
            warming.result(timeout=60)
    assert len(tight_pool.pids) == 2


def test_files_cannot_grow_without_end() -> None:
    with (
        ReaderPool(1, limits=Limits(written_file_bytes=1024), rehearsal=True) as pool,
        pytest.raises(ReaderCrashedError),
    ):
        pool.misbehave("write_much")


def test_noise_on_standard_output_is_no_answer(tight_pool: ReaderPool) -> None:
    assert tight_pool.misbehave("babble") == "ok"


@pytest.mark.skipif(best_tier() is Tier.RLIMITS, reason="no namespaces here")
def test_there_is_no_network_inside(tight_pool: ReaderPool) -> None:
    assert tight_pool.misbehave("connect") != "connected"


@pytest.mark.skipif(best_tier() is not Tier.BWRAP, reason="no bubblewrap here")
def test_the_desk_and_its_secrets_are_not_to_be_seen(tight_pool: ReaderPool) -> None:
    seen = tight_pool.misbehave("look_around").split()
    assert "/etc/passwd" not in seen
    assert "/var" not in seen


@pytest.mark.parametrize("tier", [tier for tier in Tier if list(Tier).index(tier) >= list(Tier).index(best_tier())])
def test_every_tier_that_works_here_reads(tier: Tier, tmp_path: Path) -> None:
    letter = papers.letter(tmp_path / "letter.pdf")
    with ReaderPool(1, tier=tier, rehearsal=True) as pool:
        assert pool.tier is tier
        assert papers.NUMBER in pool.read(letter, media_type=PDF).text
        family_before = family(pool)
    assert gone(family_before)


def test_closing_ends_the_children_even_at_work() -> None:
    pool = ReaderPool(1, rehearsal=True)
    failures: list[BaseException] = []

    def hang() -> None:
        try:
            pool.misbehave("sleep")
        except ReaderCrashedError as error:
            failures.append(error)

    pool.warm()
    children = family(pool)
    thread = threading.Thread(target=hang)
    thread.start()
    time.sleep(0.2)
    pool.close()
    thread.join(10)
    assert failures and gone(children)
    with pytest.raises(ReaderCrashedError):
        pool.reader_name()


OWNER = """
import sys, tempfile, time
tempfile.tempdir = sys.argv[2]
from reading.pool import ReaderPool
pool = ReaderPool(2, rehearsal=True)
pool.warm()
print(*pool.pids, flush=True)
if sys.argv[1] == "busy":
    pool.misbehave("sleep")
time.sleep(60)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_neither_children_nor_documents_outlive_a_killed_owner(state: str, tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, state, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    tops = [psutil.Process(int(pid)) for pid in owner.stdout.readline().split()]
    children = [process for top in tops for process in (top, *top.children(recursive=True))]
    (folder, *_) = tmp_path.iterdir()
    (folder / "input").write_text("a document")
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    assert len(children) >= 2
    assert gone(children)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_forked_copy_has_children_of_its_own(tight_pool: ReaderPool, tmp_path: Path) -> None:
    letter = papers.letter(tmp_path / "letter.pdf")
    tight_pool.warm()
    before = set(tight_pool.pids)
    copy = os.fork()
    if copy == 0:
        right = papers.NUMBER in tight_pool.read(letter, media_type=PDF).text and not before & set(tight_pool.pids)
        tight_pool.close()
        os._exit(0 if right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) == 0
    assert set(tight_pool.pids) == before
    assert papers.NUMBER in tight_pool.read(letter, media_type=PDF).text


def test_a_worn_out_child_is_replaced(tmp_path: Path) -> None:
    letter = papers.letter(tmp_path / "letter.pdf")
    with ReaderPool(1, limits=Limits(jobs_per_child=2)) as pool:
        seen = set()
        for _ in range(4):
            pool.warm()
            seen |= set(pool.pids)
            pool.inspect(letter, "letter.pdf")
        assert len(seen) == 2


def test_misbehaving_needs_permission(pool: ReaderPool) -> None:
    with pytest.raises(SettingsError):
        pool.misbehave("crash")


def test_private_folders_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with ReaderPool(1, rehearsal=True) as pool:
        pool.warm()
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


@given(st.lists(st.binary(max_size=300)))
def test_frames_arrive_as_they_were_sent(bodies: list[bytes]) -> None:
    stream = io.BytesIO()
    for body in bodies:
        send(stream, body)
    stream.seek(0)
    assert [receive(stream) for _ in bodies] == bodies
    assert receive(stream) is None
