"""The body of an answer: read within bounds, and made text without trust in what the server says of it."""

import contextlib
import re
import zlib
from collections.abc import Iterable, Iterator

from synergos.http import BaseTransport, ByteStream, DecodingError, ReadTimeout, Request, Response, SyncByteStream
from synergos.http.bounds import TooLarge, bounds

# Of the page of an error, more than this says nothing to anyone.
ERROR_BYTES = 1024 * 1024
_PIECE = 64 * 1024
_TAKEN_AWAY = {b"location", b"set-cookie", b"content-encoding"}
# What pages are written in. Python knows further codecs, which compress, run or fail.
_CHARSETS = re.compile(
    r"utf-?8|us-ascii|ascii|latin-?1|iso-?8859-?\d\d?|windows-?125\d|cp125\d|koi8-[ru]|gbk|gb2312|gb18030|big5"
    r"|shift_jis|euc-jp|euc-kr|iso-2022-jp|utf-16(le|be)?"
)


class BoundedTransport(BaseTransport):
    """Carries requests as another does, and reads each answer at once and within bounds."""

    def __init__(self, inner: BaseTransport, max_bytes: int) -> None:
        self._inner = inner
        self._max_bytes = max_bytes

    def handle_request(self, request: Request) -> Response:
        """Send a request and read its answer.

        Raises:
            TooLarge: When the answer of a success is larger than it may be. That of a failure is cut.
            DecodingError: When it is not encoded as it says.
        """
        response = self._inner.handle_request(request)
        if not response.is_stream_consumed:
            most = self._max_bytes if response.is_success else min(self._max_bytes, ERROR_BYTES)
            assert isinstance(response.stream, SyncByteStream)
            with contextlib.closing(response.stream):
                body = _read(response, most)
            response.stream = ByteStream(body)
        elif response.is_success and len(response.content) > self._max_bytes:
            raise TooLarge
        # The library would go where this leads to, keep these, or decode once more.
        for name in _TAKEN_AWAY & {name.lower() for name, _ in response.headers.raw}:
            response.extensions[name.decode()] = response.headers.pop(name.decode())
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def text_of(response: Response) -> str:
    """The body of an answer as text, in the charset that it names if that is one of the web, or in UTF-8."""
    named = re.search(r"charset\s?=\s?[\"']?([\w-]{1,20})", response.headers.get("content-type", "")[:1000])
    charset = named[1].lower() if named else ""
    return response.content.decode(charset if _CHARSETS.fullmatch(charset) else "utf-8", errors="replace")


def _read(response: Response, most: int) -> bytes:
    body = bytearray()
    for piece in _decoded(response):
        bounds.cut(None, ReadTimeout)
        body += piece
        if len(body) > most:
            if response.is_success:
                raise TooLarge
            return bytes(body[:most])
    return bytes(body)


def _decoded(response: Response) -> Iterable[bytes]:
    assert isinstance(response.stream, Iterable)
    named = response.headers.get("content-encoding", "").lower().split(",")
    encodings = [name.strip() for name in named if name.strip() not in ("", "identity")]
    if not encodings:
        return response.stream
    if encodings not in (["gzip"], ["x-gzip"], ["deflate"]):
        raise DecodingError(f"it is encoded as {', '.join(encodings)!r}, which was not asked for")
    return _inflated(response.stream)


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What was compressed, in pieces that are small whatever the whole becomes."""
    inflate = None
    try:
        for piece in pieces:
            if inflate is None and piece:
                # Some servers leave the frame of "deflate" away.
                is_framed = piece[0] == 0x1F or piece[0] & 0x0F == 8
                inflate = zlib.decompressobj(47 if is_framed else -15)
            while inflate is not None and piece:
                yield inflate.decompress(piece, _PIECE)
                if inflate.unused_data:
                    raise DecodingError("there is more after its end")
                piece = inflate.unconsumed_tail
        if inflate is not None:
            yield inflate.flush()
            if not inflate.eof:
                raise DecodingError("its end is missing")
    except zlib.error as error:
        raise DecodingError(str(error)) from error
