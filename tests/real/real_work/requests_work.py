import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
import requests.packages.urllib3
from requests.adapters import HTTPAdapter
from shown import uses


class Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/again"):
            self.send_response(302)
            self.send_header("Location", "/there")
            self.end_headers()
            return
        self.answer({"path": self.path, "cookie": self.headers.get("Cookie")})

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.answer({"kind": self.headers["Content-Type"], "length": length, "body": self.rfile.read(length)[:8].hex()})

    def answer(self, what):
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "seen=1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


uses(requests="requests", urllib3="urllib3", idna="idna", certifi="certifi")
import urllib3

print(requests.packages.urllib3 is urllib3, requests.packages.urllib3.util.Retry is urllib3.util.Retry)
server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_address[1]}"
with requests.Session() as session:
    session.trust_env = False
    session.mount(base, HTTPAdapter(max_retries=urllib3.util.Retry(2)))
    found = session.get(f"{base}/again", params={"a": "b c"})
    print(found.status_code, found.json(), [one.status_code for one in found.history], session.cookies.get_dict())
    print(session.post(f"{base}/", json={"a": [1, 2]}).json())
    sent = session.post(f"{base}/", files={"file": ("name.txt", b"content")}).json()
    print(sent["kind"].partition(";")[0], sent["length"] > 7)
    print(session.get(f"{base}/stream", stream=True).raw.__class__.__module__)
    try:
        session.get("http://127.0.0.1:1/", timeout=2)
    except requests.ConnectionError as error:
        print(type(error).__module__, type(error.args[0]).__module__, type(error.args[0]).__name__)
server.shutdown()
print(requests.certs.where().rpartition("/")[2], requests.utils.quote("a b"))
