"""A provider of OpenID Connect on this machine: whoever is clicked on its page has logged in."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "made", "a secret of a test"


@dataclass
class Provider:
    """people: what is claimed of each, by the words of the link that logs them in."""

    people: Mapping[str, Mapping[str, Any]]
    address: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def settings(self, board: str) -> str:
        """The secrets of a dashboard at that address, as Streamlit reads them."""
        values = {
            "redirect_uri": f"{board}/oauth2callback",
            "cookie_secret": secrets.token_hex(),
            "client_id": CLIENT,
            "client_secret": SECRET,
            "server_metadata_url": f"{self.address}/.well-known/openid-configuration",
        }
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        return "\n".join(["[auth]", *lines]) + "\n"

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def page(self, asked: Mapping[str, str]) -> str:
        """One link for each person, back to whoever asks, with a code for them."""
        links = []
        for name in self.people:
            code = secrets.token_hex()
            self.codes[code] = (name, asked.get("nonce", ""))
            back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
            links.append(f'<p><a href="{escape(back)}">{escape(name)}</a></p>')
        return "".join(links)

    def token(self, code: str) -> dict[str, Any]:
        """What a code is good for, once: a signed word on who has logged in."""
        name, nonce = self.codes.pop(code)
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": name, "nonce": nonce}
        claims |= {"iat": now, "exp": now + 600, **self.people[name]}
        word = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"access_token": secrets.token_hex(), "token_type": "Bearer", "id_token": word}


@contextmanager
def provider(people: Mapping[str, Mapping[str, Any]]) -> Iterator[Provider]:
    """A provider that these people can log in at."""
    made = Provider(people)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            if url.path == "/authorize":
                self._answer(made.page(asked), "text/html")
            elif url.path == "/keys":
                self._answer(json.dumps({"keys": [made.key.as_dict(private=False)]}))
            else:
                self._answer(json.dumps(made.configuration()))

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(json.dumps(made.token(parse_qs(sent)["code"][0])))

        def _answer(self, text: str, kind: str = "application/json") -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *words: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    made.address = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
