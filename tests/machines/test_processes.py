"""Flower's commands in processes of their own, whatever the environment of who starts them."""

import json
import os
import subprocess
import sys
from pathlib import Path

COLOURED = ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
LIST = """
import json, sys
from synergos.machines import flower  # what is imported first wherever Flower is used
from synergos.machines.processes import run
print(run(["flwr", "config", "list", "--format", "json"], sys.argv[1]))
"""
REACH = """
import threading, http.server, httpx
from synergos.machines import flower

class Here(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

server = http.server.HTTPServer(("127.0.0.1", 0), Here)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(httpx.get(f"http://127.0.0.1:{server.server_port}/").status_code)
server.shutdown()
"""


def python(code: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_flower_says_is_json_where_colours_are_forced(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[superlink]\ndefault = "own"\n[superlink.own]\naddress = "127.0.0.1:9"\n')
    done = python(LIST, tmp_path, **dict.fromkeys(COLOURED, "1"))
    assert "own" in str(json.loads(done.stdout)), done.stderr


def test_a_proxy_is_not_asked_for_what_is_on_this_machine() -> None:
    done = python(REACH, **dict.fromkeys(PROXIES, "http://127.0.0.1:9"), NO_PROXY="", no_proxy="")
    assert done.stdout.strip() == "204", done.stderr
