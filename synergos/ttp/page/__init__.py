"""The page with which a TTP answers in a browser.

It is one file, made of three, and the same for everybody: it holds no data. What it shows it asks for, with the token
if there is one, and it can ask for nothing else: nothing is loaded from anywhere, and nothing but its own script runs.
"""

import base64
import functools
import hashlib
import importlib.resources

from starlette.requests import Request
from starlette.responses import Response

from synergos.learning import strict

PATH = "/"
_HTML = ("text/html", "text/*", "*/*")


async def serve(request: Request) -> Response:
    """Answer with the page whoever takes HTML."""
    accept = request.headers.get("accept", "*/*").lower()
    wanted = {part.partition(";")[0].strip() for part in accept.split(",")}
    if not wanted.intersection(_HTML):
        message = strict.dumps(
            {"message": f"Not Found: {request.method} /. It is a page of HTML; routes begin with /ttp/."}
        )
        return Response(message, 404, media_type="application/json", headers={"vary": "accept"})
    content, policy = _built()
    headers = {
        "content-security-policy": policy,
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        # One of an older Synergos may not ask for what this one tells.
        "cache-control": "no-store",
        "vary": "accept",
    }
    return Response(content, media_type="text/html", headers=headers)


@functools.cache
def _built() -> tuple[str, str]:
    """The page in one file, and what a browser lets it do."""
    files = importlib.resources.files(__name__)
    html, style, *scripts = (
        files.joinpath(name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "charts.js", "page.js")
    )
    script = "".join(scripts)
    content = html.replace("/* page.css */", style).replace("/* page.js */", script)
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return content, policy


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
