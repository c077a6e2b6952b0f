#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in of Alibaba Cloud on loopback, for tests and the demo.

    python3 tests/cloud/standin.py --port-file FILE [--state FILE] [--script FILE] [--log FILE] [--tls CERT KEY]
                                   [--many-regions N] [--many-images N] [--disk IMAGE_ID[/DEVICE]=FILE]... [--devices FOLDER]
                                   [--metadata-role NAME]

It listens on a free port of 127.0.0.1, writes the port's number to FILE when it is ready, and
stops on SIGTERM.  That one address stands for every endpoint of the cloud; it checks every request's
signature with code of its own.  What it is made of: standin_parts/__init__.py.

Credentials (invented, good for nothing else):

    ALIBABA_CLOUD_ACCESS_KEY_ID=imgvet-demo-key-id
    ALIBABA_CLOUD_ACCESS_KEY_SECRET=imgvet-demo-secret-that-opens-nothing

    and temporary ones: imgvet-demo-sts-id / imgvet-demo-sts-secret-that-opens-nothing with
    ALIBABA_CLOUD_SECURITY_TOKEN=imgvet-demo/token+that=opens==nothing
    and those of a RAM user: imgvet-demo-user-id / imgvet-demo-user-secret-that-opens-nothing

The account that these belong to is 1000000000000001.  Without --state it has the images of
standin_parts/images.py; with it, the world is read from the JSON file when that exists, and written
there after each change.  --many-regions and --many-images add invented ones (images are spread over
all regions, every tenth is shared).  --disk says what an image's disk holds (raw or qcow2; DEVICE is xvda,
xvdb ...).  --devices: where attached disks appear (standin_parts/ecs_disks.py).
--metadata-role: the instance's role (standin_parts/metadata.py).

A script makes it misbehave.  It is a JSON list of rules (which one is used: standin_parts/script.py;
what they do: standin_parts/faults.py):

    [{"action": "ModifyImageSharePermission", "times": 1, "do": "throttle", "wait_ms": 50}]

The script can be replaced while it runs: POST the list to /_script.  POST to /_reset does the same
after putting back the world it began with; POST to /_look changes nothing; POST {section: members} to /_set
puts them into the world (settings: standin_parts/settings.py).  All answer with the whole world: images,
requests, and the sections of the parts.

The log has one JSON object a line: action, parameters, whether the signature was right, the rule
used, the error code answered, this cloud's time, whether the world was changed, and the id of the key.
"""
import argparse
import sys

sys.dont_write_bytecode = True

from standin_parts import doors, keys, rpc, server, settings, tokens, world  # noqa: E402 (after the line above)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--state")
    parser.add_argument("--script")
    parser.add_argument("--log")
    parser.add_argument("--many-regions", type=int, default=0, metavar="N")
    parser.add_argument("--many-images", type=int, default=0, metavar="N")
    parser.add_argument("--metadata-role", metavar="NAME")
    parser.add_argument("--disk", action="append", default=[], metavar="IMAGE_ID[/DEVICE]=FILE")
    parser.add_argument("--devices", metavar="FOLDER")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    server.listen(world.World(parser.parse_args(), [settings, keys, tokens, *rpc.SERVICES, *doors.DOORS]))


if __name__ == "__main__":
    main()
