"""The doors of attachments: offer, chunk by chunk up, range by range down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from domain import protocol
from server.accounts.requests import caller_of, now, read_packed
from server.attachments import byte_ranges
from server.denials import Denied

if TYPE_CHECKING:
    from starlette.requests import Request

    from server.attachments.blobs import Blobs

MEDIA_TYPE: Final = "application/octet-stream"
_SMALL: Final = 4 << 10


def routes() -> list[Route]:
    """Return the doors."""
    one = protocol.BLOB_PATH + "/{sha256}"
    return [
        Route(protocol.BLOB_PATH, offer, methods=["POST"], max_body_size=_SMALL),
        Route(one + "/{number:int}", put, methods=["PUT"], max_body_size=protocol.CHUNK),
        Route(one, get, methods=["GET"]),
    ]


async def offer(request: Request) -> Response:
    """Begin an upload or go on with one: ``BlobOffer`` -> ``BlobAnswer``, both msgpack."""
    offered = read_packed(protocol.BlobOffer, await request.body())
    return await run_in_threadpool(_offer, request, offered)


def _offer(request: Request, offered: protocol.BlobOffer) -> Response:
    answer = _blobs(request).offer(caller_of(request), offered, now=now())
    return Response(msgspec.msgpack.encode(answer), media_type=MEDIA_TYPE)


async def put(request: Request) -> Response:
    """Take one chunk."""
    chunk = await request.body()
    return await run_in_threadpool(_put, request, chunk)


def _put(request: Request, chunk: bytes) -> Response:
    caller = caller_of(request)
    _blobs(request).put(caller, _hash(request), request.path_params["number"], chunk, now=now())
    return Response(status_code=204)


def get(request: Request) -> Response:
    """Give an attachment or a range of it; the same answer whether it is missing or not for the caller."""
    blob = _blobs(request).find(caller_of(request), _hash(request))
    if blob is None:
        raise Denied(404, "unknown-blob", "附件不在服务器上，或还没有传完")
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{blob.sha256.hex()}"', "Cache-Control": "private"}
    try:
        told = byte_ranges.asked(request.headers.get("range", ""), blob.size)
    except byte_ranges.RangeError as error:
        raise Denied(416, "range", f"附件共 {blob.size} 字节") from error
    first, last = told or (0, blob.size - 1)
    if blob.size and not _blobs(request).readable(blob, first, last):
        raise Denied(404, "unknown-blob", "附件在服务器上的文件已损坏，等待有它的设备重新上传")
    headers["Content-Length"] = str(last - first + 1)
    if told:
        headers["Content-Range"] = f"bytes {first}-{last}/{blob.size}"
    content = _blobs(request).read(blob, first, last) if request.method == "GET" and blob.size else iter(())
    return StreamingResponse(content, 206 if told else 200, headers, MEDIA_TYPE)


def _blobs(request: Request) -> Blobs:
    held: Blobs = request.app.state.blobs
    return held


def _hash(request: Request) -> bytes:
    try:
        return bytes.fromhex(request.path_params["sha256"])
    except ValueError as error:
        raise Denied(404, "unknown-blob", "附件地址不正确") from error
