"""A server that answers anything but what it should: raw sockets, and a table of what it does."""

import contextlib
import gzip
import itertools
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator

Act = bytes | Callable[[socket.socket], None]
MB = 2**20
RECORD = {"doc_id": "1", "kind": "Project", "key": {"project_id": "p"}, "relations": {}}
PAGE = b"<html><head><title>Oops</title></head><body><h1>Oops</h1></body></html>"


class HostileServer:
    """Listens on loopback, and does the same to every request."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port: int = self._listener.getsockname()[1]
        self.requests = 0
        self.connections = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> "HostileServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            line.settimeout(10)
            while read_request(line):
                self.requests += 1
                if callable(self._act):
                    self._act(line)
                    return
                line.sendall(self._act)
                if b"ontent-" not in self._act.partition(b"\r\n\r\n")[0] or b"onnection: close" in self._act:
                    return


def read_request(line: socket.socket) -> bytes:
    """A request, head and body; nothing when there is none any more."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        piece = line.recv(65536)
        if not piece:
            return b""
        seen += piece
    head, _, body = seen.partition(b"\r\n\r\n")
    length = next((int(one.split(b":")[1]) for one in head.lower().split(b"\r\n") if one[:15] == b"content-length:"), 0)
    while len(body) < length:
        body += line.recv(65536)
    return seen


def answer(body: bytes = b"", status: str = "200 OK", *headers: str, sized: bool = True) -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {len(body)}"] if sized else [])]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def as_json(data: object, status: str = "200 OK", *headers: str) -> bytes:
    """An answer of JSON."""
    return answer(json.dumps(data).encode(), status, "Content-Type: application/json", *headers)


def enveloped(data: object = None, **more: object) -> bytes:
    """The answer of a success."""
    return as_json({"status": 200, "params": {}, "data": RECORD if data is None else data, **more})


def drip(*pieces: bytes, pause: float = 0.02) -> Callable[[socket.socket], None]:
    """Send what comes first at once, and what follows bit by bit for ever."""

    def act(line: socket.socket) -> None:
        first, *rest = pieces
        line.sendall(first)
        for piece in itertools.cycle(rest):
            line.sendall(piece)
            time.sleep(pause)

    return act


def flood(first: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    """Send without an end."""

    def act(line: socket.socket) -> None:
        line.sendall(first)
        while True:
            line.sendall(piece)

    return act


def reset(first: bytes = b"") -> Callable[[socket.socket], None]:
    """Send something and reset the connection."""

    def act(line: socket.socket) -> None:
        line.sendall(first)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return act


def stall(first: bytes = b"") -> Callable[[socket.socket], None]:
    """Send something, and then nothing, until the other side has had enough."""

    def act(line: socket.socket) -> None:
        line.sendall(first)
        with contextlib.suppress(OSError):
            line.recv(1)

    return act


def chunks(*parts: bytes) -> bytes:
    """A body in chunks, without its end."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


CHUNKED = answer(b"", "200 OK", "Transfer-Encoding: chunked", sized=False)
BOMB = gzip.compress(b'{"data": "' + b" " * (128 * MB) + b'"}', 9)
DEEP = b'{"data":' + b"[" * 100_000


def kinds() -> Iterator[tuple[str, Act]]:
    """What a server may do, by name."""
    # The connection
    yield "closes", lambda line: None
    yield "resets", reset()
    yield "resets in the head", reset(b"HTTP/1.1 200 OK\r\nConte")
    yield "resets in the body", reset(answer(b'{"data"', "200 OK", "Content-Length: 100", sized=False))
    yield "stalls", stall()
    yield "stalls in the head", stall(b"HTTP/1.1 200 OK\r\nConte")
    yield "stalls in the body", stall(answer(b"{", "200 OK", "Content-Length: 100", sized=False))
    yield "drips the head", drip(b"HTTP/1.1 200 OK\r\n", b"X", b"-", b"A")
    yield "drips header after header", drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n")
    yield "drips the body", drip(answer(b"", "200 OK", "Content-Length: 100000", sized=False), b" ")
    yield "drips the body of an error", drip(answer(b"", "500 X", "Content-Length: 100000", sized=False), b"<")
    yield "drips chunks", drip(CHUNKED, chunks(b" "))
    yield "drips a body without an end", drip(answer(b"{", sized=False), b" ")
    yield "drips the size of a chunk", drip(CHUNKED, b"0")
    yield "asks to go on for ever", flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)
    yield "floods chunks", flood(CHUNKED, chunks(b"x" * 65536))
    yield "floods chunks of a byte", flood(CHUNKED, chunks(*[b"x"] * 10_000))
    yield "floods headers", flood(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1000)
    yield "floods one header", flood(b"HTTP/1.1 200 OK\r\nX-A: ", b"b" * 65536)
    yield "floods trailers", flood(CHUNKED + b"0\r\n", b"X-A: b\r\n" * 1000)
    yield "floods the first line", flood(b"HTTP/1.1 200 ", b"K" * 65536)
    yield "floods JSON", flood(answer(b'{"data": [', sized=False), b"[]," * 20_000)
    yield "floods an error", flood(answer(b"", "500 X", sized=False), b"<" * 65536)
    # HTTP
    yield "a banner of ssh", b"SSH-2.0-OpenSSH_9.6\r\n"
    yield "an alert of TLS", b"\x15\x03\x01\x00\x02\x02\x46"
    yield "HTTP/0.9", b'{"data": []}'
    yield "HTTP/2 in the first line", b"HTTP/2 200 OK\r\n\r\n{}"
    yield "zeros", b"\0" * 1000
    yield "an empty line first", b"\r\n\r\n" + enveloped()
    yield "status 000", answer(b"{}", "000 None")
    yield "status 99999", answer(b"{}", "99999 Much")
    yield "status 999", answer(b"{}", "999 Much")
    yield "status -1", answer(b"{}", "-1 No")
    yield "status without digits", answer(b"{}", "OK OK")
    yield "101", answer(b"", "101 Switching Protocols", "Upgrade: x", "Connection: upgrade", sized=False)
    yield "204", answer(b"", "204 No Content", sized=False)
    yield "206", answer(b'{"da', "206 Partial Content", "Content-Range: bytes 0-3/100")
    yield "304", answer(b"", "304 Not Modified", sized=False)
    yield "a reason of control characters", answer(b"", "500 \x1b[2J")
    yield "a reason that is no ASCII", answer(b"", "500 \xff\xfe")
    yield "a header without a name", answer(b"{}", "200 OK", ": x")
    yield "a header without a colon", answer(b"{}", "200 OK", "Nothing")
    yield "a header of zeros", answer(b"{}", "200 OK", "X: a\0b")
    yield "a header of latin-1", answer(b"{}", "500 X", "X-\xe9: \xe9", "Location: \xe9\xff")
    yield "two lengths", answer(b"{}", "200 OK", "Content-Length: 7")
    yield "a length that is none", answer(b"{}", "200 OK", "Content-Length: many", sized=False)
    yield "a negative length", answer(b"{}", "200 OK", "Content-Length: -1", sized=False)
    yield "a length of 5,000 digits", answer(b"{}", "200 OK", f"Content-Length: {'9' * 5000}", sized=False)
    yield "a length that is too long", answer(b"{}", "200 OK", "Content-Length: 20", "Connection: close", sized=False)
    yield "a length that is too short", answer(b'{"data": []}', "200 OK", "Content-Length: 3", sized=False)
    yield "a chunk of no size", CHUNKED + b"many\r\n{}\r\n0\r\n\r\n"
    yield "a chunk of a huge size", CHUNKED + b"f" * 5000 + b"\r\n{}"
    yield "chunks that break off", CHUNKED + chunks(b'{"da')
    yield "an encoding of the transfer that is none", answer(b"{}", "200 OK", "Transfer-Encoding: rot13", sized=False)
    yield "a cookie that is none", answer(b"{}", "200 OK", "Set-Cookie: =;;;=\x01; expires=never")
    yield "a location that is none", answer(b"", "302 Found", "Location: http://[::1")
    yield "a location of 5,000 digits", answer(b"", "302 Found", f"Location: http://h:{'9' * 5000}/")
    yield "a location of another kind", answer(b"", "307 X", "Location: javascript:alert(1)")
    yield "a location of control characters", answer(b"", "308 X", "Location: \x1b]0;x\x07")
    yield "a location that is empty", answer(b"", "301 X", "Location: ")
    yield "a redirect to nowhere", answer(b"", "303 X")
    yield "a redirect to itself", answer(b"", "308 X", "Location: /")
    # The encoding and the charset
    yield "gzip that is none", answer(b"{}", "200 OK", "Content-Encoding: gzip")
    yield "gzip that breaks off", answer(gzip.compress(PAGE)[:-9], "200 OK", "Content-Encoding: gzip")
    yield "gzip twice over", answer(gzip.compress(b"{}") * 2, "200 OK", "Content-Encoding: gzip")
    yield "gzip in gzip", answer(gzip.compress(gzip.compress(b"{}")), "200 OK", "Content-Encoding: gzip, gzip")
    yield "a bomb of gzip", answer(BOMB, "200 OK", "Content-Encoding: gzip")
    yield "a bomb of gzip in an error", answer(BOMB, "500 X", "Content-Encoding: gzip")
    yield "a bomb of deflate", answer(zlib.compress(b" " * (128 * MB), 9), "200 OK", "Content-Encoding: deflate")
    yield "deflate that is none", answer(b"\x78\x9cno", "200 OK", "Content-Encoding: deflate")
    yield "brotli", answer(b"\x0b\x00\x80{}", "200 OK", "Content-Encoding: br")
    yield "an encoding that is none", answer(b"{}", "200 OK", "Content-Encoding: \x1b[31m")
    for charset in ("zlib", "hex", "bz2", "base64", "rot13", "punycode", "idna", "utf-7", "undefined", "mbcs", "\0"):
        page, kind = PAGE + b"xn--\x1b[2J+2AA-", f"Content-Type: text/html; charset={charset}"
        yield f"an error in the charset {charset!r}", answer(page, "500 X", kind)
        yield f"a page in the charset {charset!r}", answer(page, "200 OK", kind)
    yield "a charset of 100 KB", answer(PAGE, "500 X", f"Content-Type: text/html; charset={'a' * 50_000}")
    # Pages
    for mark in (b"<", b"<head", b"<head>", b"<script>x", b"<!--", b"&", b" ", b"</", b"\n", b"a<b "):
        yield f"an error of 300 KB of {mark!r}", answer(mark * (300_000 // len(mark)), "500 X")
        yield f"a page of 300 KB of {mark!r}", answer(mark * (300_000 // len(mark)))
    yield "an error that steers the terminal", answer(b"\x1b[2J\x9b31m\xe2\x80\xaeabc\x07\x08\r\0", "500 X")
    # JSON
    yield "two answers", enveloped() * 2
    yield "nothing", answer(b"")
    yield "a text", answer(b'"x"')
    yield "a list", answer(b"[]")
    yield "half an object", answer(b'{"data": {"doc_id": ')
    yield "a list of 100,000 lists", answer(DEEP)
    yield "an error of 100,000 lists", answer(DEEP, "500 X")
    yield "a number of 5,000 digits", answer(b'{"status": 200, "data": ' + b"9" * 5000 + b"}")
    yield "half a character", as_json({"message": "\ud800 \udfff"}, "500 X")
    yield "a message that steers the terminal", as_json({"message": "\x1b[2J\u202eabc\u2066\x9b1m\r\x08"}, "417 X")
    yield "a message of a megabyte", as_json({"message": "\x1b" * MB}, "404 X")
    yield "a message that is a number", as_json({"message": 1e400}, "400 X")
    yield "a message that is a list", as_json({"message": [{"a": [None]}]}, "403 X")
    for value in (None, 3, "x", [], {}, True, 1e400, [None], [3], [[]], [{}], {"key": 3}, {"key": None}, {"key": []}):
        yield f"data={value!r}", as_json({"status": 200, "data": value})
    for key in ({"project_id": None}, {"project_id": 3}, {"project_id": ["p"]}, {}):
        yield f"a record of the key {key!r}", enveloped({**RECORD, "key": key})
    for part in ("relations", "kind", "doc_id", "key"):
        for value in (None, 3, "x", [3], {"Project": 3}, {"Run": [3]}, {"Run": [{"key": 3}]}):
            yield f"a record of {part}={value!r}", enveloped({**RECORD, part: value})
    for field in ("status", "params", "success", "method", "apiVersion"):
        for value in (None, 3, float("inf"), float("nan"), "x", [3], {"a": 3}):
            yield f"an envelope of {field}={value!r}", enveloped(**{field: value})
    yield "an envelope without all but data", as_json({"data": RECORD})
    yield "names twice", answer(b'{"data": [], "data": {}, "status": 1, "status": "x"}')
    yield "UTF-16", answer(json.dumps({"data": [], "status": 200}).encode("utf-16"))
    yield "a mark of the order of bytes", answer(b"\xef\xbb\xbf" + b'{"data": [], "status": 200}')
    yield "no Unicode", answer(b'{"data": "\xff\xfe"}')
