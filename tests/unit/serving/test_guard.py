"""Pages of other sites get nothing, and the service's own load nothing from elsewhere."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from oneclass.detector.scorer import Scorer
from oneclass.serving.app import Limits, create

LIMITS = Limits(megabytes=1, megapixels=1, seconds=20, requests=4)


def client(scorer: Scorer, local: bool = True) -> TestClient:
    return TestClient(create(scorer, {}, LIMITS, 1, local), base_url="http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:8000"}, 200),
        ({"host": "[::1]:8000"}, 200),
        ({"host": "127.0.0.1"}, 200),
        ({"origin": "http://127.0.0.1:8000"}, 200),
        ({"host": "attacker.example:8000"}, 403),  # whose name means 127.0.0.1 now
        ({"host": "attacker.example:8000", "origin": "http://attacker.example:8000"}, 403),
        ({"host": "127.0.0.1.attacker.example"}, 403),
        ({"host": "192.168.0.7:8000"}, 403),
        ({"host": ""}, 403),
        ({"host": "[", "origin": "http://["}, 403),
        ({"origin": "http://attacker.example"}, 403),
        ({"origin": "http://127.0.0.1:9000"}, 403),
        ({"origin": "http://localhost:8000"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
    ],
)
def test_only_the_service_s_own_page_and_programs_may_use_it(
    scorer: Scorer, picture: Callable[..., bytes], headers: dict[str, str], status: int
) -> None:
    answer = client(scorer).post("/score", content=picture(), headers=headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


def test_served_to_others_it_may_be_called_by_any_name(scorer: Scorer) -> None:
    service = client(scorer, local=False)
    assert service.get("/health", headers={"host": "camera.example"}).status_code == 200
    assert service.get("/health", headers={"host": "a.example", "origin": "http://b.example"}).status_code == 403


@pytest.mark.parametrize("path", ["/", "/docs", "/health", "/nothing", "/static/page.js"])
def test_every_answer_forbids_what_is_not_from_here(scorer: Scorer, path: str) -> None:
    answer = client(scorer).get(path)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    if "html" in answer.headers["content-type"]:
        links = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
        assert links and not [link for link in links if re.match(r"\w+:(?!,)|//", link)]
