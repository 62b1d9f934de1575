"""The server: a socket, and an end that loses no request."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from oneclass.detector.scorer import Scorer
from oneclass.detectors import CARD, parsed_card
from oneclass.errors import UserError
from oneclass.serving.app import Limits, create

ACCEPTING = 0.05  # seconds in which asyncio ends what it is accepting; after the socket is closed, it would drop it
GRACE = 0.5  # seconds in which what connections had sent before a signal is read


class Server(uvicorn.Server):
    """uvicorn's, which at a signal drops connections that it has not accepted, or whose request it has not read yet.

    ``greeting`` is printed as soon as it answers.
    """

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self.greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self.greeting, flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal ends the service with all that has come in; Ctrl-C after it ends at once."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        for listener in sockets or []:
            loop.remove_reader(listener)
        await asyncio.sleep(ACCEPTING)
        waiting = [connection for listener in sockets or [] for connection in _waiting(listener)]
        for server in self.servers:
            server.close()
        for connection in waiting:
            await loop.connect_accepted_socket(self._protocol, connection)
        self.server_state.default_headers.append((b"connection", b"close"))
        await asyncio.sleep(0 if self.force_exit else GRACE)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        kind: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = kind(self.config, self.server_state, self.lifespan.state)
        return protocol


def _waiting(listener: socket.socket) -> Iterator[socket.socket]:
    """The connections that the system has established and nobody has accepted: closing the socket would reset them."""
    with suppress(BlockingIOError):
        while True:
            yield listener.accept()[0]


def serve(detector: Path, host: str, port: int, limits: Limits, threads: int) -> None:
    """Serve ``detector`` at ``host`` and ``port`` (0: any that is free) until a signal ends it.

    Raises ``UserError`` if there is no detector, or if the address cannot be had.
    """
    scorer = Scorer.load(detector)
    listener = listen(host, port)
    address, number = listener.getsockname()[:2]
    local = ip_address(address).is_loopback
    if not local:
        print(f"warning: whoever reaches {host} may use this detector; nothing asks who they are", file=sys.stderr)
    url = f"http://{f'[{address}]' if ':' in address else address}:{number}"
    config = uvicorn.Config(
        create(scorer, card(detector), limits, threads, local),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=int(limits.seconds) + 5,  # for those who do not read their answer
    )
    Server(config, f"Serving {detector} at {url}, and for programs at {url}/docs; Ctrl-C ends it.").run(
        sockets=[listener]
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; ``UserError`` if the address is unknown or taken."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        raise UserError(f"{host}, port {port}: {error.strerror}; choose others with --host and --port") from None


def card(detector: Path) -> dict[str, Any]:
    """The card in the detector's folder; empty where there is none, ``UserError`` if it is damaged."""
    file = detector / CARD
    return parsed_card(file.read_bytes(), file) if file.is_file() else {}
