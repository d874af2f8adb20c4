"""The life of a server: started, shared, adopted, revived, stopped with the last."""

import os
import signal
import threading
from pathlib import Path

import asyncpg
import pytest

from parlons.runtime.postgres import processes
from parlons.runtime.postgres.errors import StartFailed
from parlons.runtime.postgres.supervisor import ensure_server, release_server, revive_server
from tests.runtime.postgres.scene import ask, heard, holder, kill, leave, postmaster, running, say, sockets


async def test_a_driver_connects_to_the_database_by_the_dsn(data: Path) -> None:
    with running(data) as server:
        connection = await asyncpg.connect(server.dsn)
        try:
            assert await connection.fetchval("SELECT current_database()") == "parlons"
            assert await connection.fetchval("SELECT usesuper FROM pg_user WHERE usename = current_user") is True
            assert await connection.fetchval("SELECT lower('ÉCOLE')") == "école"
            assert await connection.fetchval("SHOW listen_addresses") == ""
            assert int(await connection.fetchval("SHOW max_connections")) >= 200
        finally:
            await connection.close()


def test_cold_and_warm_start_keep_the_data_and_stop_the_server(data: Path) -> None:
    with running(data) as server:
        assert server.started
        pid = postmaster(server)
        ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert not processes.is_alive(pid)
    with running(data) as server:
        assert server.started
        assert ask(server, "SELECT answer FROM kept") == [["42"]]


def test_the_product_is_durable_and_only_tests_are_not(data: Path) -> None:
    server = ensure_server(data, say=say)
    try:
        assert ask(server, "SHOW fsync") == [["on"]]
        assert ask(server, "SHOW synchronous_commit") == [["on"]]
        assert ask(server, "SHOW full_page_writes") == [["on"]]
    finally:
        release_server(server)
    with running(data) as server:
        assert ask(server, "SHOW fsync") == [["off"]]


@pytest.mark.parametrize("name", ["a folder with spaces", "données à l'été", "x" * 110, 'quote"$HOME`'])
def test_any_path_will_do(place: Path, name: str) -> None:
    with running(place / name) as server:
        assert ask(server, "SELECT 1") == [["1"]]
    with running(place / name) as server:
        assert server.started


def test_two_users_in_one_process_share_one_server(data: Path) -> None:
    with running(data) as first:
        with running(data) as second:
            assert not second.started
            assert second.dsn == first.dsn
        assert ask(first, "SELECT 1") == [["1"]]


def test_two_processes_at_once_get_one_server_and_the_last_stops_it(data: Path) -> None:
    both = [holder(data), holder(data)]
    one, other = [heard(process) for process in both]
    assert one["pid"] == other["pid"]
    assert one["dsn"] == other["dsn"]
    assert sorted([one["started"], other["started"]]) == [False, True]
    leave(both[0])
    assert processes.is_postmaster(one["pid"], data / "postgres")
    leave(both[1])
    assert not processes.is_alive(one["pid"])


def test_threads_that_come_and_go_never_meet_a_stopped_server(data: Path) -> None:
    failures: list[BaseException] = []

    def come_and_go() -> None:
        try:
            for _ in range(4):
                with running(data) as server:
                    assert ask(server, "SELECT 1") == [["1"]]
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=come_and_go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert processes.live_postmaster(data / "postgres") is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_outlives_its_killed_user_and_the_next_start_adopts_it(data: Path, number: signal.Signals) -> None:
    process = holder(data)
    pid = heard(process)["pid"]
    process.send_signal(number)
    process.communicate()
    assert processes.is_postmaster(pid, data / "postgres")
    with running(data) as server:
        assert not server.started
        assert postmaster(server) == pid
    assert not processes.is_alive(pid)


def test_a_key_pressed_at_the_terminal_does_not_reach_the_server(data: Path) -> None:
    with running(data) as server:
        assert os.getsid(postmaster(server)) != os.getsid(0)
        assert os.getpgid(postmaster(server)) != os.getpgid(0)


def test_a_killed_server_is_revived_with_all_that_was_committed(data: Path) -> None:
    server = ensure_server(data, say=say)
    try:
        ask(server, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        first = postmaster(server)
        kill(server)
        assert revive_server(server, say=say)
        assert postmaster(server) != first
        assert ask(server, "SELECT count(*) FROM kept") == [["1000"]]
        assert not revive_server(server, say=say)
    finally:
        release_server(server)


def test_a_killed_server_is_started_by_the_next_call_in_the_same_process(data: Path) -> None:
    with running(data) as server:
        kill(server)
        with running(data) as again:
            assert again.started
            assert again.dsn == server.dsn
            assert ask(again, "SELECT 1") == [["1"]]


def test_the_busy_remains_of_a_killed_server_do_not_stop_the_next(data: Path) -> None:
    with running(data) as server:

        def work() -> None:
            with pytest.raises(OSError):
                ask(server, "SELECT sum(sqrt(n)) FROM generate_series(1, 40000000) n")

        busy = threading.Thread(target=work)
        busy.start()
        while ask(
            server, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%sqrt(n)%' AND pid <> pg_backend_pid()"
        ) == [["0"]]:
            pass
        kill(server)
        with running(data) as again:
            assert again.started
        busy.join()


def test_a_server_stopped_by_hand_is_waited_for_and_started(data: Path) -> None:
    with running(data) as server:
        first = postmaster(server)
        os.kill(first, signal.SIGTERM)  # a polite stop: as no one is connected it goes soon, as we look
        with running(data) as again:
            assert ask(again, "SELECT 1") == [["1"]]


def test_a_suspended_server_is_still_stopped(data: Path) -> None:
    with running(data) as server:
        pid = postmaster(server)
        os.kill(pid, signal.SIGSTOP)
    assert not processes.is_alive(pid)


def test_release_twice_and_after_a_crash_does_nothing(data: Path) -> None:
    server = ensure_server(data, say=say, for_tests=True)
    kill(server)
    release_server(server)
    release_server(server)


def test_a_start_that_was_cut_short_begins_anew(data: Path) -> None:
    (data / "postgres.new" / "base").mkdir(parents=True)
    (data / "postgres.new" / "PG_VERSION").write_text("15\n")
    (data / "postgres.lock").touch()
    with running(data) as server:
        assert ask(server, "SELECT 1") == [["1"]]
    assert not (data / "postgres.new").exists()


def test_a_start_that_fails_shows_what_the_server_said(data: Path) -> None:
    with running(data):
        pass
    conf = data / "postgres" / "postgresql.conf"
    conf.write_text(conf.read_text() + "no_such_setting = 1\n")
    with pytest.raises(StartFailed, match="no_such_setting"):
        ensure_server(data, say=say)


def test_settings_of_the_operator_win(data: Path) -> None:
    with running(data) as server:
        ask(server, "ALTER SYSTEM SET work_mem = '5MB'")
        ask(server, "ALTER SYSTEM SET max_connections = 222")
    with running(data) as server:
        assert ask(server, "SHOW work_mem") == [["5MB"]]
        assert ask(server, "SHOW max_connections") == [["222"]]


def test_the_log_names_no_value(data: Path) -> None:
    with running(data) as server:
        ask(server, "CREATE TABLE people (email text PRIMARY KEY, age int)")
        ask(server, "INSERT INTO people VALUES ('camille@example.org', 1)")
        for sql in (
            "INSERT INTO people VALUES ('camille@example.org', 2)",
            "SELECT 'camille@example.org'::int",
            "DO $$ BEGIN RAISE WARNING 'camille@example.org'; END $$; SELECT 1/0",
        ):
            with pytest.raises(Exception, match=r"^\w{5}$"):
                ask(server, sql)
        folder = sockets(server)
    assert "camille" not in (data / "postgres.log").read_text()
    assert "starting PostgreSQL" in (data / "postgres.log").read_text()
    assert not folder.exists()
