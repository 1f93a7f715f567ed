"""Canaille with one user, `reader`, whose password is `canary of reader`. It prints its address, and ends with its
input."""

import os
import sys
import threading

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # It serves this machine alone.

from werkzeug.serving import make_server

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend

app = create_app({"SECRET_KEY": "of tests", "CANAILLE_OIDC": {"DYNAMIC_CLIENT_REGISTRATION_OPEN": True}})
with app.app_context():
    reader = models.User(
        user_name="reader",
        formatted_name="A Reader",
        family_name="Reader",
        emails=["reader@example.com"],
        password="canary of reader",
    )
    Backend.instance.save(reader)

server = make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.port}", flush=True)
sys.stdin.read()
