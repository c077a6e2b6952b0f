# SPDX-License-Identifier: GPL-3.0-or-later
"""ClientToken: a call that is repeated with the same token is carried out once.

Section "tokens": {"ACTION TOKEN": {"params": {...}, "answer": {...}}}.
"""
import copy

from .exchange import Refusal
from .params import invalid


def begin():
    return {"tokens": {}}


def once(function):
    """A function of a service that has a ClientToken: the same token with the same parameters gets the
    same answer, with others IdempotentParameterMismatch.  A refused call does not use the token up."""
    def wrapped(world, params, request):
        token = params.get("ClientToken")
        if not token:
            return function(world, params, request)
        if len(token) > 64 or not token.isascii():
            raise invalid("ClientToken")
        known, name = world.has["tokens"], f"{request.action} {token}"
        if name not in known:
            answer = function(world, params, request)
            known[name] = {"params": params, "answer": copy.deepcopy(answer)}
            world.save()
            return answer
        if known[name]["params"] != params:
            raise Refusal(400, "IdempotentParameterMismatch", "The request uses the client token of another one.")
        return copy.deepcopy(known[name]["answer"])
    return wrapped
