"""Canaille with one user, `reader`, whose password is `canary of reader`. It prints its URL, and ends when its
standard input is closed."""

import os
import socket
import sys
import threading

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # It serves this machine alone.

from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend

listener = socket.create_server(("127.0.0.1", 0))
host = f"127.0.0.1:{listener.getsockname()[1]}"
key = RSAKey.generate_key(2048).as_dict(private=True)
app = create_app(
    {
        "SECRET_KEY": "of tests",
        "SERVER_NAME": host,
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE_OIDC": {"DYNAMIC_CLIENT_REGISTRATION_OPEN": True, "ACTIVE_JWKS": [key]},
    }
)
with app.app_context():
    reader = models.User(
        user_name="reader",
        formatted_name="A Reader",
        family_name="Reader",
        emails=["reader@example.com"],
        password="canary of reader",
    )
    Backend.instance.save(reader)

server = make_server("127.0.0.1", 0, app, threaded=True, fd=listener.fileno())
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://{host}", flush=True)
sys.stdin.read()
