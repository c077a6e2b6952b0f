#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command; afterwards one line in FILE: its exit code, its peak memory in KiB, its seconds.

    measured.py FILE COMMAND...
"""
import resource
import subprocess
import sys
import time

began = time.monotonic()
code = subprocess.run(sys.argv[2:], check=False).returncode
with open(sys.argv[1], "w", encoding="ascii") as f:
    print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, round(time.monotonic() - began), file=f)
sys.exit(code)
