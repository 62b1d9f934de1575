"""The service as a process of its own: under load, and when it ends."""

import asyncio
import http.client
import io
import json
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from PIL import Image

from oneclass.__main__ import main
from oneclass.detector.scorer import Scorer
from oneclass.serving.app import Limits, create
from oneclass.serving.server import Server, listen

CLIENTS = 50
Make = Callable[..., bytes]
Service = Callable[..., Any]


def connected(address: str) -> http.client.HTTPConnection:
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
    connection.connect()
    return connection


def asked(connection: http.client.HTTPConnection, content: bytes) -> tuple[int, Any]:
    connection.request("POST", "/score", content)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def ended(process: Any) -> tuple[int, str]:
    """The exit status, and what the process said after it said that it serves."""
    said, _ = process.communicate(timeout=120)
    return process.returncode, said


def test_fifty_clients_at_once_get_the_scorer_s_scores(service: Service, scorer: Scorer, picture: Make) -> None:
    address, process, _ = service("--max-seconds", "600")
    contents = [picture(seed, anomalous=seed % 3 == 0) for seed in range(CLIENTS)]
    begin = threading.Barrier(CLIENTS)

    def client(number: int) -> list[tuple[int, Any]]:
        connection = connected(address)
        begin.wait()
        return [asked(connection, contents[(number + step) % CLIENTS]) for step in range(4)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(client, range(CLIENTS)))
    expected = [scorer.score(Image.open(io.BytesIO(content))).score for content in contents]
    assert len(set(expected)) > CLIENTS / 2  # a mix-up would show
    for number, found in enumerate(answers):
        assert [status for status, _ in found] == [200] * 4
        scores = [answer["pictures"][0]["score"] for _, answer in found]
        assert scores == [expected[(number + step) % CLIENTS] for step in range(4)]
    process.send_signal(signal.SIGTERM)
    assert ended(process) == (0, "")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_loses_no_request(service: Service, scorer: Scorer, picture: Make, ending: signal.Signals) -> None:
    address, process, _ = service("--threads", "1", "--max-requests", str(CLIENTS + 5), "--max-seconds", "600")
    contents = [picture(seed, size=(800, 800)) for seed in range(5)]
    expected = [scorer.score(Image.open(io.BytesIO(content))).score for content in contents]
    connections = [connected(address) for _ in range(CLIENTS)]
    answered: list[float] = []

    def client(number: int) -> tuple[float, tuple[int, Any]]:
        answer = asked(connections[number], contents[number % 5])
        answered.append(time.monotonic())
        return answered[-1], answer

    with ThreadPoolExecutor(CLIENTS) as pool:
        futures = [pool.submit(client, number) for number in range(CLIENTS)]
        while not answered:
            time.sleep(0.001)
        late = connected(address)  # it is connected, and has said nothing yet
        process.send_signal(ending)
        sent = time.monotonic()
        status, _ = asked(late, contents[0])
        found = [future.result() for future in futures]
    assert status == 200
    assert any(when > sent for when, _ in found)  # it was in the middle
    for number, (_, (code, answer)) in enumerate(found):
        assert (code, answer["pictures"][0]["score"]) == (200, expected[number % 5])
    assert ended(process) == (0, "")
    with pytest.raises(ConnectionRefusedError):
        connected(address)


def test_connections_that_nobody_has_accepted_yet_are_answered(scorer: Scorer) -> None:
    """They come while the event loop is busy, and then it ends."""
    app = create(scorer, {}, Limits(megabytes=1, megapixels=1, seconds=60, requests=1), 1)

    async def ending() -> list[bytes]:
        server = Server(uvicorn.Config(app, http="h11", log_level="warning"), "ready")
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        listener = listen("127.0.0.1", 0)
        await server.startup([listener])
        clients = [socket.create_connection(listener.getsockname()) for _ in range(CLIENTS)]
        for client in clients:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await server.shutdown([listener])
        return [client.recv(12) for client in clients]

    assert asyncio.run(ending()) == [b"HTTP/1.1 200"] * CLIENTS


def test_a_client_that_goes_away_or_dawdles_harms_nobody(service: Service, picture: Make) -> None:
    address, process, _ = service("--max-seconds", "1", "--max-requests", "1")
    content = picture()
    head = f"POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port)) as dawdler:
        dawdler.sendall(head + content[:100])
        assert dawdler.recv(100).startswith(b"HTTP/1.1 408 ")
    with socket.create_connection((place.hostname, place.port)) as gone:
        gone.sendall(head + content[:100])
    while (found := asked(connected(address), content))[0] == 503:  # its place is free as soon as this is noticed
        time.sleep(0.01)
    assert found[0] == 200
    process.send_signal(signal.SIGTERM)
    assert ended(process) == (0, "")


def test_to_serve_others_is_worth_a_warning(service: Service, picture: Make) -> None:
    address, _, warnings = service("--host", "0.0.0.0")
    port = urlsplit(address).port
    assert asked(connected(f"http://127.0.0.1:{port}"), picture())[0] == 200
    assert warnings == ["warning: whoever reaches 0.0.0.0 may use this detector; nothing asks who they are\n"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--detector", "nowhere"], "nowhere: there is no such folder"),
        (["--port", "{taken}"], "port {taken}: Address already in use"),
        (["--host", "192.0.2.1"], "192.0.2.1, port 8000: "),
    ],
)
def test_what_prevents_it_is_one_line(
    detector: Path, capsys: pytest.CaptureFixture[str], options: list[str], reason: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        given = [option.format(taken=taken) for option in options]
        assert main(["serve", "--detector", str(detector), *given]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1
    assert reason.format(taken=taken) in said


@pytest.mark.parametrize("content", [b"", b'{"name": "mi', b"[]", b"\xff"])
def test_a_damaged_card_is_named(
    pixel_detector: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    copy = shutil.copytree(pixel_detector, tmp_path / "copy")
    (copy / "card.json").write_bytes(content)
    assert main(["serve", "--detector", str(copy), "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert said == f"error: {copy / 'card.json'}: damaged; copy it again, or make the detector anew\n"


def test_packages_that_are_missing_are_named(
    detector: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from oneclass.commands import serve

    monkeypatch.setattr(serve, "PACKAGES", {"fastapi": "fastapi", "no-such": "no_such", "nor-this": "nor_this"})
    assert main(["serve", "--detector", str(detector)]) == 2
    assert capsys.readouterr().err.endswith(": python -m pip install no-such nor-this\n")
