# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules of the script do.

    fail            answer `status` (400) with `code` and `message`
    throttle        Throttling.User with x-acs-retry-after: `wait_ms`
    drop-before     close the connection without doing anything
    drop-after      do it, then close the connection without an answer
    delay           wait `ms`, then go on as usual
    delay-after     do it, then wait `ms` before the answer
    hold-after      do it, then answer only when a new script comes
    lie             say success and do nothing
    forget          leave the last `count` accounts of the request out, and say success
    stranger        add the account `account` as well, when the request names an image
    skew            from now on this clock is `seconds` ahead
    echo-token      fail, with the security token in the message
    expired-token   InvalidSecurityToken.Expired, whatever the token
    raw             answer `status` (200) with the text `body` (not JSON perhaps), repeated `repeat` times
    patch           answer as usual with top-level members replaced by those of `members` (JSON answers)
    patch-image     the same for the first image of the answer, when there is one
    cut             promise the whole answer and send half of it
    slow            send the answer `bytes` (7) at a time with `ms` (20) between
    length          say that the answer is `bytes` longer than it is (negative: shorter)
    redirect        302 to `location`
    headers         answer as usual with `count` header lines of a thousand bytes more
"""
import time

from .exchange import Dropped, Refusal


def token_of(headers):
    return headers.get("x-acs-security-token") or headers.get("x-oss-security-token") or ""


def before(request):
    """Instead of, or before, doing what was asked for."""
    rule = request.rule
    what = rule.get("do")
    if what == "delay":
        time.sleep(rule["ms"] / 1000)
    if what == "echo-token":
        raise Refusal(403, "Forbidden.RAM", "token " + token_of(request.headers))
    if what == "expired-token":
        raise Refusal(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
    if what == "fail":
        raise Refusal(rule.get("status", 400), rule["code"], rule.get("message", "As the script says."))
    if what == "throttle":
        raise Refusal(400, "Throttling.User", "Request was denied due to user flow control.")
    if what == "drop-before":
        raise Dropped


def after(request, answer):
    """It was done; bend what is said about it."""
    rule = request.rule
    what = rule.get("do")
    if what == "drop-after":
        raise Dropped
    if what == "patch" and answer.members is not None:
        answer.members.update(rule["members"])
    if what == "patch-image" and answer.members and answer.members.get("Images", {}).get("Image"):
        answer.members["Images"]["Image"][0].update(rule["members"])


def wait(world, request, scripts):
    """Before a line of the answer is sent; `scripts`: how many scripts there had been at first."""
    what = request.rule.get("do")
    if what == "delay-after":
        time.sleep(request.rule["ms"] / 1000)
    if what == "hold-after":
        with world.scripted:
            world.scripted.wait_for(lambda: world.scripts != scripts)


def dress(request, answer):
    """The answer, error or not, as it goes out."""
    rule = request.rule
    what = rule.get("do")
    if what == "throttle":
        answer.headers.append(("x-acs-retry-after", str(rule.get("wait_ms", 50))))
    if what == "raw":
        answer.status, answer.members = rule.get("status", 200), None
        answer.data = rule["body"].encode() * rule.get("repeat", 1)
    if what == "headers":
        answer.headers += [("x-filler", "f" * 1000)] * rule["count"]
    if what == "redirect":
        answer.status = 302
        answer.headers.append(("Location", rule["location"]))
