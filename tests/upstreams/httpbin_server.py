"""httpbin on a free port of 127.0.0.1. Prints its URL, and ends when its standard input is closed."""

import logging
import os
import sys
import threading

from werkzeug.serving import make_server

from httpbin import app

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
