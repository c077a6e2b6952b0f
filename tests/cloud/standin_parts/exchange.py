# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts hand each other: a request, an answer, and the ways there is none."""
import http.client
import json


class Refusal(Exception):
    """An error answer: HTTP status, code, message."""

    def __init__(self, status, code, message):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class Dropped(Exception):
    """The connection is to be closed without an answer."""


class Request:
    """One request as it came.

    method, path, query     of the request line; path and query still encoded
    headers                 as of http.server
    body                    all of it
    host                    this stand-in's own, "127.0.0.1:PORT"
    scheme                  "http" or "https"
    number, id              the how manieth, and the request id made of it
    door                    the module that answers it (doors.py)
    action                  its name for the script and the log
    params                  for the log; RPC calls: the decoded parameters
    signed                  whether the signature was checked and right
    key                     the keys.Key that signed it, or None
    rule                    the rule of the script that it uses up, or {}
    """

    def __init__(self, method, target, headers, body, host, scheme):
        self.method, self.headers, self.body, self.host, self.scheme = method, headers, body, host, scheme
        self.path, _, self.query = target.partition("?")
        self.number, self.id = 0, ""
        self.door, self.action, self.params = None, "", {}
        self.signed, self.key, self.rule = False, None, {}


class Answer:
    """status, headers (pairs) and data (bytes).  `members` (RPC calls) is what data is made of, open
    to the script until it is sent.  A HEAD request is answered with the headers of the GET: `length`
    is the Content-Length when it is not that of data."""

    def __init__(self, status=200, data=b"", headers=(), kind="application/json;charset=utf-8", length=None):
        self.status, self.data, self.headers, self.kind, self.length = status, data, list(headers), kind, length
        self.members = None

    @classmethod
    def of(cls, members, status=200):
        answer = cls(status)
        answer.members = members
        return answer

    def bytes(self):
        return self.data if self.members is None else json.dumps(self.members).encode()

    def reason(self):
        return http.client.responses.get(self.status, "")
