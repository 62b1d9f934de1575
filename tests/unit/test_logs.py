"""What a job says reaches its log file and the screen, however it ends."""

import subprocess
import sys
from pathlib import Path


def run(folder: Path, body: str) -> tuple[int, str, str]:
    """Exit status, log file and stderr of a process that logs to a file and then runs ``body``."""
    log = folder / "logs" / "job.log"
    code = f"""
import logging, warnings
from oneclass.errors import UserError
from oneclass.logs import to_file
to_file({str(log)!r})
{body}"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    return done.returncode, log.read_text(), done.stderr


def test_messages_and_warnings_reach_both(tmp_path: Path) -> None:
    status, log, screen = run(tmp_path, "logging.getLogger('oneclass.x').info('half way')\nwarnings.warn('old file')")
    assert status == 0
    for text in (log, screen):
        assert "half way" in text
        assert "old file" in text


def test_a_user_error_is_one_line_and_status_1(tmp_path: Path) -> None:
    status, log, screen = run(tmp_path, "raise UserError('no file a.png; put it there')")
    assert status == 1
    assert screen == "ERROR: no file a.png; put it there\n"
    assert log.splitlines()[-1].endswith("no file a.png; put it there")
    assert "Traceback" not in log


def test_any_other_error_leaves_its_traceback(tmp_path: Path) -> None:
    status, log, screen = run(tmp_path, "def formula():\n    return 1 / 0\nformula()")
    assert status == 1
    for text in (log, screen):
        assert "Traceback" in text
        assert "in formula" in text
        assert text.rstrip().endswith("ZeroDivisionError: division by zero")


def test_the_cause_of_an_error_is_kept(tmp_path: Path) -> None:
    body = "try:\n    {}['key']\nexcept KeyError as error:\n    raise RuntimeError('no') from error"
    assert "KeyError: 'key'" in run(tmp_path, body)[1]


def test_a_new_run_starts_a_new_log(tmp_path: Path) -> None:
    run(tmp_path, "logging.info('first')")
    assert "first" not in run(tmp_path, "logging.info('second')")[1]


def test_too_little_memory_is_one_line(tmp_path: Path) -> None:
    status, log, screen = run(tmp_path, "import numpy\nnumpy.empty(2**60, 'uint8')")
    assert status == 1
    assert screen.startswith("ERROR: there is not enough memory; run again") and screen.count("\n") == 1
    assert "Traceback" not in log


def test_what_fails_again_as_python_ends_adds_nothing(tmp_path: Path) -> None:
    body = "import atexit, numpy\natexit.register(numpy.empty, 2**60, 'uint8')\nnumpy.empty(2**60, 'uint8')"
    _, _, screen = run(tmp_path, body)
    assert screen.startswith("ERROR: there is not enough memory") and screen.count("\n") == 1


def test_a_log_for_which_there_is_no_room_does_not_stop_the_job(tmp_path: Path) -> None:
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (10, -1))\nlogging.info('half way')"
    status, log, screen = run(tmp_path, limited)
    assert (status, screen) == (0, "INFO: half way\n")
    assert len(log) <= 10
