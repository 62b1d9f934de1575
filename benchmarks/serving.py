"""A detector's service under many clients: requests a second and how long they wait, beside scoring without it."""

import io
import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import numpy as np

from benchmarks import timing
from oneclass import cpus
from oneclass.detector.scorer import Scorer
from oneclass.scoring.pictures import find
from oneclass.serving.pictures import judge

Ask = Callable[[bytes], None]


@contextmanager
def service(detector: Path, clients: int) -> Iterator[tuple[str, int]]:
    """Host and port of `oneclass serve` as a process of its own, whose end has to be orderly."""
    command = [sys.executable, "-m", "oneclass", "serve", "--detector", str(detector), "--port", "0"]
    command += ["--max-requests", str(clients), "--max-seconds", "600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://(\S+):(\d+),", process.stdout.readline())
            assert address, "the service did not start"
            yield address[1], int(address[2])
        finally:
            process.terminate()
            assert process.wait() == 0


def asker(place: tuple[str, int], query: str) -> Ask:
    """What one client does with a picture, over one connection."""
    connection = HTTPConnection(*place)

    def ask(content: bytes) -> None:
        connection.request("POST", f"/score{query}", content)
        answer = connection.getresponse()
        assert answer.read() and answer.status == 200, answer.status

    return ask


def waits(clients: Sequence[Ask], contents: Sequence[bytes], count: int) -> list[float]:
    """Seconds that each of ``count`` requests took, shared out to the clients, which all begin at once."""

    def run(number: int) -> list[float]:
        taken = []
        for request in range(number, count, len(clients)):
            begun = time.perf_counter()
            clients[number](contents[request % len(contents)])
            taken.append(time.perf_counter() - begun)
        return taken

    with ThreadPoolExecutor(len(clients)) as pool:
        return [seconds for taken in pool.map(run, range(len(clients))) for seconds in taken]


def row(way: str, clients: int, timed: timing.Timed[list[float]]) -> dict[str, object]:
    """A line of the table."""
    middle, slow = np.percentile(timed.result, [50, 99])
    rate = len(timed.result) / timed.seconds
    return {"way": way, "clients": clients, "pictures/s": rate, "median ms": 1e3 * middle, "99 % ms": 1e3 * slow}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("detector", type=Path, help="its folder")
    parser.add_argument("pictures", type=Path, help="a folder of pictures to score")
    parser.add_argument("--clients", type=int, default=50, help="at once (%(default)s)")
    parser.add_argument("--requests", type=int, default=1000, help="in all (%(default)s)")
    options = timing.parse(parser, arguments, rounds=1)
    contents = [picture.file.read_bytes() for picture in find([options.pictures]).pictures]
    scorer = Scorer.load(options.detector)

    def alone(content: bytes) -> None:
        judge(scorer, io.BytesIO(content), None, 1e9, False)

    with service(options.detector, options.clients) as place:
        ways: dict[tuple[str, int], list[Ask]] = {("no service", cpus.usable()): [alone] * cpus.usable()}
        for name, query in (("/score", ""), ("/score?overlay=1", "?overlay=1")):
            for count in (1, options.clients):
                ways[name, count] = [asker(place, query) for _ in range(count)]
        sides = {way: partial(waits, clients, contents, options.requests) for way, clients in ways.items()}
        timed = timing.compare(sides, options.rounds)
    print(timing.table([row(name, count, timed[name, count]) for name, count in timed]))


if __name__ == "__main__":
    main()
