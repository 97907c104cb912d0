"""A user of the served Odoo: the calls that a browser makes, with its session."""

import http.cookiejar
import json
import urllib.request
from typing import Any

from .console import Failure

TIMEOUT = 600


class Session:
    """A logged-in session."""

    def __init__(self, url: str, database: str, login: str, password: str) -> None:
        self.url = url
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        known = self._post(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password},
        )
        self.context: dict[str, Any] = known["user_context"]

    def _post(self, path: str, params: dict[str, Any]) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        request = urllib.request.Request(self.url + path, body.encode(), {"Content-Type": "application/json"})
        with self._opener.open(request, timeout=TIMEOUT) as reply:
            answer = json.load(reply)
        if "error" in answer:
            data = answer["error"].get("data", {})
            raise Failure(f"{path}: {data.get('message')}\n{data.get('debug', '')}")
        return answer.get("result")

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a model's method; returns its value."""
        kwargs.setdefault("context", self.context)
        return self._post(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def download(self, path: str) -> bytes:
        """The content of an address of the server."""
        with self._opener.open(self.url + path, timeout=TIMEOUT) as reply:
            return reply.read()
