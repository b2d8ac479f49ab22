"""A server on a real port that answers as a TTP that has everything, and can be held up: for tests of connections."""

import json
import os
import pickle
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

_IDS = {
    "collab_id": "collaborations",
    "project_id": "projects",
    "expt_id": "experiments",
    "run_id": "runs",
    "participant_id": "participants",
}


class Asked(NamedTuple):
    """One request that came in: by which connection, and what."""

    peer: int
    method: str
    path: str


class Listener:
    """The server. It has a thread for each connection."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.held = ""
        """What is held up, until `release` is set: the requests in whose method and path this expression is found."""
        self.release = threading.Event()
        self.is_holding = threading.Semaphore(0)
        """Counts the requests that are held up."""
        self.missing = ""
        """What is not there: the requests whose path holds this are answered with a page and 404."""
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                listener.asked.append(Asked(self.client_address[1], self.command, self.path))
                if listener.held and re.search(listener.held, f"{self.command} {self.path}"):
                    listener.is_holding.release()
                    listener.release.wait(30)
                is_missing = bool(listener.missing) and listener.missing in self.path
                content = b"<h1>Not Found</h1>" if is_missing else _answer(self.command, self.path, body)
                try:
                    self.send_response(404 if is_missing else 200)
                    self.send_header("content-length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self.server.server_address[1]

    def peers(self) -> set[int]:
        """The connections that were used."""
        return {one.peer for one in self.asked}


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener, as long as it is needed."""
    listener = Listener()
    thread = threading.Thread(target=listener.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.release.set()
        listener.server.shutdown()
        listener.server.server_close()
        thread.join()


def forked(work: Callable[[], object]) -> Any:
    """What comes of something in a process that is forked here; a failure when nothing does in time."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            result: object = work()
        except BaseException as error:
            result = error
        os.write(writing, pickle.dumps(result))
        os._exit(0)
    os.close(writing)
    told: list[bytes] = []
    reader = threading.Thread(target=lambda: told.append(os.fdopen(reading, "rb").read()))
    reader.start()
    reader.join(60)
    is_hung = reader.is_alive()
    if is_hung:
        os.kill(pid, 9)
    os.waitpid(pid, 0)
    reader.join()
    assert not is_hung, "the forked process hangs"
    return pickle.loads(told[0])


def held(listener: Listener, path: str, call: Callable[[], object]) -> threading.Thread:
    """A thread that waits for an answer, once it does."""
    listener.held = path
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    assert listener.is_holding.acquire(timeout=20)
    return thread


def _answer(method: str, path: str, body: bytes) -> bytes:
    ids = {name: found[1] for name, part in _IDS.items() if (found := re.search(rf"/{part}/([^/]+)", path))}
    sent = json.loads(body) if body else {}
    ids |= {name: sent[name] for name in ids.keys() ^ _IDS.keys() if name in sent}
    record = {"doc_id": "1", "kind": "Project", "key": ids, "relations": {}}
    is_list = (path.endswith("/") and method == "GET") or "/train/" in path or "/evaluate/" in path
    return json.dumps({"status": 200, "params": ids, "data": [record] if is_list else record}).encode()
