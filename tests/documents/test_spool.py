"""Lines that wait on disk: each process has its own file, whoever finds one that nobody holds delivers it."""

import fcntl
import threading

import pytest

from documents.spool import Overflow, Spool


def test_spool_of_a_living_process_is_left_alone(tmp_path):
    mine, theirs = Spool(tmp_path), Spool(tmp_path)
    theirs._path = tmp_path / "system-log-2.jsonl"
    theirs.append([{"key": "theirs"}])
    mine.append([{"key": "mine"}])
    sent = []

    mine.deliver(sent.extend)

    assert sent == [{"key": "mine"}]
    theirs.close()
    mine.deliver(sent.extend)
    assert sent == [{"key": "mine"}, {"key": "theirs"}]


def test_spool_keeps_what_could_not_be_handed_over(tmp_path):
    spool = Spool(tmp_path)
    spool.append([{"key": "1"}])

    with pytest.raises(RuntimeError):
        spool.deliver(lambda lines: (_ for _ in ()).throw(RuntimeError))
    sent = []
    spool.append([{"key": "2"}])
    spool.deliver(sent.extend)

    assert sent == [{"key": "1"}, {"key": "2"}]


def test_file_that_its_process_began_anew_is_not_removed_by_who_comes_late(tmp_path, monkeypatch):
    mine, theirs, sent = Spool(tmp_path), Spool(tmp_path), []
    mine.append([{"key": "1"}])
    mine.close()
    lock = fcntl.flock

    def between(file, how):  # the file is open and not locked yet: its own process was faster, and goes on
        monkeypatch.setattr(fcntl, "flock", lock)
        mine.deliver(sent.extend)
        mine.append([{"key": "2"}])
        mine.close()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", between)
    theirs.deliver(sent.extend)
    theirs.deliver(sent.extend)

    assert sent == [{"key": "1"}, {"key": "2"}]


def test_line_after_one_that_a_full_disk_cut_off_is_kept(tmp_path):
    spool, sent = Spool(tmp_path), []
    spool.append([{"key": "1"}])
    spool.close()
    with spool._path.open("a") as file:
        file.write('{"key": "cut o')

    spool.append([{"key": "2"}])
    spool.deliver(sent.extend)

    assert sent == [{"key": "1"}, {"key": "2"}]


def test_file_that_is_partly_no_text_keeps_nothing_back(tmp_path):
    spool, sent = Spool(tmp_path), []
    (tmp_path / "system-log-1.jsonl").write_bytes(b'\xff\xfe\x00\n{"key": "1"}\n')
    spool.append([{"key": "2"}])

    spool.deliver(sent.extend)

    assert sent == [{"key": "1"}, {"key": "2"}]
    assert list(tmp_path.iterdir()) == []


def test_full_queue_again_while_its_own_lines_are_handed_over_waits_no_more(tmp_path):
    overflow, sent = Overflow(tmp_path), []
    overflow.append([{"key": "1"}])
    assert overflow.close()

    def send(lines):  # the file is locked now
        caller = threading.Thread(target=overflow.append, args=([{"key": "2"}],), daemon=True)
        caller.start()
        caller.join(30)
        sent.append((lines, caller.is_alive()))

    Spool(tmp_path).deliver(send)

    assert sent == [([{"key": "1"}], False)]
    assert overflow.close()
    assert not overflow.close()
    rest = []
    Spool(tmp_path).deliver(rest.extend)
    assert rest == [{"key": "2"}]


def test_full_queue_does_not_wait_for_a_file_of_an_earlier_process_with_the_same_number(tmp_path):
    """As in a container, where each start is process 7."""
    earlier, overflow, sent = Overflow(tmp_path), Overflow(tmp_path), []
    earlier.append([{"key": "1"}])
    earlier.close()

    def send(lines):  # the file is locked now
        caller = threading.Thread(target=overflow.append, args=([{"key": "2"}],), daemon=True)
        caller.start()
        caller.join(30)
        sent.append((lines, caller.is_alive()))

    Spool(tmp_path).deliver(send)

    assert sent == [([{"key": "1"}], False)]
    overflow.close()
