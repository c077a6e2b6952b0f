# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets: a request is read, finds its door, is done or refused, is logged, and answered.

A few paths that begin with /_ steer the stand-in itself: POST a script to /_script, or to /_reset (which
also puts the world back to how it began), anything to /_look, and to /_set what is to be put into the
world: {"images": {id: members}, section: members}, as described in world.py.  All answer with the world.
"""
import email.utils
import http.server
import json
import os
import signal
import socket
import ssl
import struct
import sys
import time

from . import doors, faults
from .exchange import Answer, Dropped, Refusal, Request

MAX_BODY = 1 << 28
CONTROLS = ("/_script", "/_reset", "/_look", "/_set")
SECRET = {"OIDCToken"}


def shown(params):
    """For the log, which holds no secret."""
    return {k: "..." if k in SECRET else v for k, v in params.items()}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer goes out in two writes
    disable_nagle_algorithm = True  # or the second write of an answer waits 40 ms for the first's ACK
    server_version = "imgvet-standin"
    sys_version = ""

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(self.server.world.now(), usegmt=True)

    def drop(self):
        """A reset, as a broken line gives it."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def send(self, answer, rule):
        data, what = answer.bytes(), rule.get("do")
        length = len(data) if answer.length is None else answer.length
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(max(0, length + (rule.get("bytes", 1) if what == "length" else 0))))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if what == "slow":
            return self.trickle(data, rule)
        self.wfile.write(data[:len(data) // 2] if what == "cut" else data)
        if what in ("cut", "length"):
            self.wfile.flush()
            self.drop() if what == "cut" else self.hang_up()

    def trickle(self, data, rule):
        step = rule.get("bytes", 7)
        for at in range(0, len(data), step):
            self.wfile.write(data[at:at + step])
            self.wfile.flush()
            time.sleep(rule.get("ms", 20) / 1000)

    def hang_up(self):
        """Nothing more comes, told in an orderly way."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_WR)

    def control(self, request):
        world = self.server.world
        with world.lock:
            if request.path == "/_reset":
                world.reset()
            if request.path in ("/_script", "/_reset"):
                world.play(json.loads(request.body))
            if request.path == "/_set":
                world.put(json.loads(request.body))
            answer = Answer(data=world.look())
        self.send(answer, {})

    def read_chunks(self):
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):  # ValueError: the client went away
            body += self.rfile.read(min(size, MAX_BODY - len(body)))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return body

    def read_request(self):
        if self.headers.get("transfer-encoding") == "chunked":
            body = self.read_chunks()
        else:
            body = self.rfile.read(min(int(self.headers.get("content-length") or 0), MAX_BODY))
        return Request(self.command, self.path, self.headers, body, self.server.host, self.server.scheme)

    def take_in(self, request):
        """Its place in the world: number, door, name, rule."""
        world = self.server.world
        request.door = doors.door_for(request)
        request.action, request.params = request.door.name(request), request.door.params_of(request)
        with world.lock:
            world.requests += 1
            request.number, request.id = world.requests, f"IMGVET-STANDIN-{world.requests:06d}"
            request.rule = world.script.rule_for(request.action, request.params or {})
            if request.rule.get("do") == "skew":
                world.ahead = request.rule["seconds"]
            return world.scripts

    def act(self, request, entry):
        """The answer, or Refusal, or Dropped."""
        world, door = self.server.world, request.door
        door.check(world, request)
        faults.before(request)
        if request.rule.get("do") == "lie":
            return door.lie(request)
        with world.lock:
            changes = world.changes
            try:
                answer = door.handle(world, request)
            finally:
                entry["changed"] = world.changes != changes
        faults.after(request, answer)
        return answer

    def exchange(self):
        world, request = self.server.world, self.read_request()
        if request.path in CONTROLS:
            return self.control(request)
        scripts = self.take_in(request)
        entry = {"action": request.action, "params": shown(request.params), "rule": request.rule.get("do"), "signed": False,
                 "code": None, "changed": False, "time": round(world.now(), 3), "method": request.method,
                 "headers": sorted(n.lower() for n in request.headers.keys())}
        try:
            answer = self.act(request, entry)
        except Refusal as refusal:
            entry["code"], answer = refusal.code, request.door.refuse(request, refusal)
        except Dropped:
            answer = None
        entry["signed"], entry["key"] = request.signed, request.key and request.key.id
        world.log(entry)
        if answer is None:
            return self.drop()
        faults.wait(world, request, scripts)
        answer.headers.append((getattr(request.door, "REQUEST_ID", "x-acs-request-id"), request.id))
        faults.dress(request, answer)
        self.send(answer, request.rule)

    def do_POST(self):
        try:
            self.exchange()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, (OSError, ValueError)):
            super().handle_error(request, client_address)


def listen(world):
    """Serve for ever, and tell the port when ready."""
    options = world.options
    server = Server(("127.0.0.1", 0), Handler)
    server.world = world
    server.host = f"127.0.0.1:{server.server_port}"
    server.scheme = "https" if options.tls else "http"
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    part = options.port_file + ".part"
    with open(part, "w", encoding="ascii") as f:
        f.write(f"{server.server_port}\n")
    os.replace(part, options.port_file)
    server.serve_forever(poll_interval=0.2)
