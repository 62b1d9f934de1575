"""The service's addresses."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal, cast

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from oneclass.detector.scorer import Scorer
from oneclass.serving import reference
from oneclass.serving.guard import Guard
from oneclass.serving.pictures import Picture, judge
from oneclass.serving.workers import OverloadError, Workers

STATIC = Path(__file__).with_name("static")
MOST_FILES = 100  # of one request
FILE = {"type": "string", "format": "binary"}
BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": {"type": "object", "properties": {"file": {"type": "array", "items": FILE}}}},
        "image/*": {"schema": FILE},
    },
}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Each picture's score."},
    400: {"description": "The form cannot be read, or has something else than files."},
    403: {"description": "It was sent by a page of another site, or to another host name."},
    408: {"description": "The pictures did not arrive within the time limit."},
    413: {"description": "Too many bytes or pixels."},
    415: {"description": "Not a picture."},
    422: {"description": "No picture at all, or a damaged one."},
    503: {"description": "Too many requests at once, or the time limit is over: send it again after Retry-After."},
}


@dataclass(frozen=True)
class Limits:
    """``megabytes`` of a request, ``megapixels`` of a picture, ``seconds`` for a request, ``requests`` at once."""

    megabytes: float
    megapixels: float
    seconds: float
    requests: int


class Scores(BaseModel):
    threshold: float = Field(description="A picture with a higher score is anomalous.")
    pictures: list[Picture] = Field(description="In the order in which they were sent, page by page.")


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    requests: int = Field(description="That are in work or wait.")
    most_requests: int = Field(description="More are answered with status 503.")


class About(BaseModel):
    name: str | None = Field(description="From its card, as is the summary; null where there is only the ONNX file.")
    summary: str | None = Field(description="What it was made from and what it can do, in words.")
    threshold: float = Field(description="A picture with a higher score is anomalous.")
    most_megabytes: float = Field(description="Of a request.")
    most_megapixels: float = Field(description="Of a picture.")
    most_seconds: float = Field(description="For a request, from its first byte to its answer.")


class Service:
    """What the addresses for programs answer: by ``scorer``, whose ``card`` may be empty, within ``limits``."""

    def __init__(self, scorer: Scorer, card: Mapping[str, Any], limits: Limits, threads: int) -> None:
        self.scorer, self.card, self.limits = scorer, card, limits
        self.workers = Workers(threads, limits.requests)

    async def score(
        self,
        request: Request,
        overlay: Annotated[bool, Query(description="Whether to draw the anomaly map over each picture.")] = False,
    ) -> Scores:
        """Score pictures: the files of a form, or one picture that is the body. All are scored, or none.

        If pictures cannot be read, the answer names each of them, under the status of the first.
        """
        files: list[tuple[str | None, BinaryIO]] = []
        most = 1e6 * self.limits.megapixels
        try:
            with self.workers.place():
                async with asyncio.timeout(self.limits.seconds):
                    files = await _files(request)
                    work = (self.workers.run(judge, self.scorer, file, name, most, overlay) for name, file in files)
                    found = await asyncio.gather(*work, return_exceptions=True)
        except OverloadError:
            raise _later(f"{self.limits.requests} requests are in work or wait already") from None
        except TimeoutError:
            late = f"not done within {self.limits.seconds:g} seconds"
            raise _later(late) if files else HTTPException(408, f"the pictures did not arrive: {late}") from None
        finally:
            await request.close()
        return Scores(threshold=self.scorer.threshold, pictures=_whole(found))

    async def health(self) -> Health:
        """Whether the service runs, and how busy it is."""
        return Health(requests=self.workers.taken, most_requests=self.workers.places)

    async def detector(self) -> About:
        """What detector this is, and what it takes."""
        return About(
            name=self.card.get("name"),
            summary=self.card.get("summary"),
            threshold=self.scorer.threshold,
            most_megabytes=self.limits.megabytes,
            most_megapixels=self.limits.megapixels,
            most_seconds=self.limits.seconds,
        )


def create(scorer: Scorer, card: Mapping[str, Any], limits: Limits, threads: int, local: bool = True) -> FastAPI:
    """The service around ``scorer``, whose card may be empty. ``local`` is whether only this machine is served."""
    service = Service(scorer, card, limits, threads)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.workers.close()

    app = FastAPI(
        title="oneclass",
        description="Scores pictures with one detector.",
        version=version("oneclass"),
        docs_url=None,  # they load their scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_middleware(Guard, most_bytes=1e6 * limits.megabytes, local=local)
    app.post("/score", responses=ANSWERS, openapi_extra={"requestBody": BODY})(service.score)
    app.get("/health", response_description="It runs.")(service.health)
    app.get("/detector", response_description="The detector.")(service.detector)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(reference.page(app.openapi()))

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    app.mount("/static", StaticFiles(directory=STATIC))
    return app


async def _files(request: Request) -> list[tuple[str | None, BinaryIO]]:
    """Names and contents of the pictures in ``request``: the files of its form, or its body."""
    try:
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            form = await request.form(max_files=MOST_FILES, max_fields=0)
            uploads = [cast(UploadFile, value) for _, value in form.multi_items()]
            files = [(upload.filename, upload.file) for upload in uploads]
        else:
            body = await request.body()
            files = [(None, io.BytesIO(body))] if body else []
    except ClientDisconnect:
        raise HTTPException(400, "the connection was closed before the pictures had arrived") from None
    if not files:
        raise HTTPException(422, "no picture: send files as a form, or one picture as the body")
    return files


def _whole(found: list[list[Picture] | BaseException]) -> list[Picture]:
    """``found``, if each is an answer; else one error that names them all."""
    errors = [each for each in found if isinstance(each, HTTPException)]
    if errors:
        raise HTTPException(errors[0].status_code, "; ".join(error.detail for error in errors))
    pictures: list[Picture] = []
    for each in found:
        if isinstance(each, BaseException):
            raise each
        pictures += each
    return pictures


def _later(reason: str) -> HTTPException:
    return HTTPException(503, f"{reason}; send it again", {"Retry-After": "1"})
