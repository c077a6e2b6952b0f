# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of requests.  A door is a module with

    wants(request)          whether the request is one for it; the first door that wants it has it
    name(request)           its name for the script and the log: "DescribeImages", "GetObject"
    params_of(request)      a dict for the log (request.params)
    check(world, request)   who signed it: sets request.key and request.signed, or raises Refusal
    handle(world, request)  does it, under world.lock: an Answer, or raises Refusal
    lie(request)            the Answer of a success, for a script that wants one without the deed
    refuse(request, refusal)  a Refusal as an Answer, in the words of its protocol
    REQUEST_ID              optional: the header for the number of an answer, x-acs-request-id otherwise
    begin()                 optional, as of a service: the sections of the world it keeps

check, handle and the script's faults are put together in server.py, so every fault works at every door.
"""
from . import metadata, oss, rpc

DOORS = [metadata, oss, rpc]


def door_for(request):
    return next(d for d in DOORS if d.wants(request))
