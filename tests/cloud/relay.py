#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand every connection to ADDRESS:80 on to a port of 127.0.0.1: relay.py ADDRESS PORT READY-FILE"""
import socket
import sys
import threading


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def main():
    listener = socket.create_server((sys.argv[1], 80))
    open(sys.argv[3], "w", encoding="ascii").close()
    while True:
        near, _ = listener.accept()
        far = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
        for pair in ((near, far), (far, near)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


main()
