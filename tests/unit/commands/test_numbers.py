"""Numbers on the command line: what cannot be names its option, in each command."""

import pytest

from oneclass.__main__ import main

FIT, SCORE, SERVE = (["fit", "pics"], ["score", "--detector", "d", "new"], ["serve", "--detector", "d"])
EVALUATE = ["evaluate", "--detector", "d", "labelled"]


@pytest.mark.parametrize(
    ("command", "option", "value", "what"),
    [
        (FIT, "--size", "8", "a whole number from 16 up"),
        (FIT, "--size", "2.5", "a whole number from 16 up"),
        (FIT, "--crop", "-64", "a whole number from 16 up"),
        (FIT, "--layers", "0", "a whole number from 1 up"),
        (FIT, "--held-out", "1", "a number between 0 and 1"),
        (FIT, "--threshold-quantile", "nan", "a number between 0 and 1"),
        (SCORE, "--threshold", "inf", "a number"),
        (SCORE, "--tiles", "0", "a whole number from 1 up"),
        (EVALUATE, "--false-alarms", "many", "a number between 0 and 1"),
        (SERVE, "--port", "99999", "a whole number from 0 to 65535"),
        (SERVE, "--max-megabytes", "0", "a number above 0"),
        (SERVE, "--max-megapixels", "nan", "a number above 0"),
        (SERVE, "--max-seconds", "inf", "a number above 0"),
        (SERVE, "--max-requests", "0", "a whole number from 1 up"),
        (SERVE, "--threads", "-1", "a whole number from 1 up"),
    ],
)
def test_a_number_that_cannot_be_names_its_option(
    capsys: pytest.CaptureFixture[str], command: list[str], option: str, value: str, what: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, f"{option}={value}"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"argument {option}: {value} is not {what}")
