#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command on a terminal of its own, and answer when it asks.

    at_terminal.py ANSWER [--when-asked PROGRAM] COMMAND...

Waits for the text 'Type "yes"', runs PROGRAM by the shell if there is one, types ANSWER and a line
end (the answer "^D" is an end of input), the same each time it is asked again, prints what the terminal showed, and ends with the
command's exit code; 99 when it was never asked.
"""
import os
import pty
import subprocess
import sys


def read_some(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # EIO: the other side has ended
        return b""


def main():
    answer, command = sys.argv[1], sys.argv[2:]
    when_asked = None
    if command[0] == "--when-asked":
        when_asked, command = command[1], command[2:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    shown, asked = b"", 0
    while some := read_some(terminal):
        shown += some
        if shown.count(b'Type "yes"') > asked:
            asked += 1
            if when_asked and asked == 1:
                subprocess.run(when_asked, shell=True, check=True)
            os.write(terminal, b"\x04" if answer == "^D" else answer.encode() + b"\n")
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
    sys.stdout.flush()
    sys.exit(status if asked else 99)


main()
