# SPDX-License-Identifier: GPL-3.0-or-later
"""Invented secrets.  Within one construction no two have the same length, so a finding,
which tells a secret's length and never its bytes, says which of them was found."""
import base64
import string

# How each kind is told from the others in a report: pieces of the ids of its rules.
RULES = {
    "key": ("private-key", "ssh.user-key", "ssh.host-key", "private_key"),
    "url": ("url",),
    "history": ("histor",),
    "word": ("truth.in-a-file",), # any-file.yml
}
LETTERS = string.ascii_letters + string.digits


class Token:
    """One secret: its kind, its name in recipes, the bytes of it, what a file with it holds."""

    def __init__(self, kind, name, secret, text):
        self.kind, self.name, self.secret, self.text = kind, name, secret, text

    @property
    def length(self):
        return len(self.secret)

    def found_by(self, finding):
        return finding["length"] == self.length and any(r in finding["rule"] for r in RULES[self.kind])

    def within_found(self, report):
        return any(self.found_by(finding) for finding in report["findings"])

    def __str__(self):
        return f"{self.name} ({self.length} bytes)"


class Purse:
    """Makes the secrets of one construction."""

    def __init__(self, rng):
        self.rng, self.tokens = rng, []

    def _add(self, kind, secret, text):
        token = Token(kind, f"{kind}{len(self.tokens)}", secret, text)
        self.tokens.append(token)
        return token

    def _word(self, length):
        """Letters and digits, always some of both: no checker takes it for a placeholder."""
        word = "".join(self.rng.choice(LETTERS) for _ in range(length - 4))
        return "q7" + word + "K4"

    def key(self):
        """A private key as ssh-keygen writes it (openssh PROTOCOL.key), of random numbers."""
        number = sum(t.kind == "key" for t in self.tokens)
        public, seed = self.rng.randbytes(32), self.rng.randbytes(32)
        blob = packed(b"ssh-ed25519") + packed(public)
        check = self.rng.randbytes(4)
        comment = b"invented-" + b"x" * (24 * number) # one more line's worth for each
        inside = check + check + blob + packed(seed + public) + packed(comment)
        inside += bytes(range(1, 1 + -len(inside) % 8))
        whole = (b"openssh-key-v1\0" + packed(b"none") * 2 + packed(b"") + (1).to_bytes(4, "big")
                 + packed(blob) + packed(inside))
        text = base64.b64encode(whole).decode()
        lines = "\n".join(text[i:i + 70] for i in range(0, len(text), 70))
        secret = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}\n-----END OPENSSH PRIVATE KEY-----".encode()
        return self._add("key", secret, secret + b"\n")

    def url(self):
        """A password in a database's address: short, so that it fits into inodes and gaps."""
        number = sum(t.kind == "url" for t in self.tokens)
        secret = f"app:{self._word(12 + number)}"
        return self._add("url", secret.encode(), f"DB=postgres://{secret}@db.example.net/x\n".encode())

    def history(self):
        """What a person typed: only its file's name makes it a finding."""
        number = sum(t.kind == "history" for t in self.tokens)
        line = f"ssh {self._word(20 + number)}"
        return self._add("history", line.encode(), line.encode() + b"\nexit\n")

    def word(self):
        """What any-file.yml finds in files, and nowhere else."""
        number = sum(t.kind == "word" for t in self.tokens)
        secret = f"truthword-{self._word(10 + number)}".encode()
        return self._add("word", secret, secret + b"\n")

    def any(self):
        return self.rng.choice((self.key, self.url, self.history))()

    def within(self, data):
        """The tokens whose every byte stands in `data`, as it is."""
        return [t for t in self.tokens if t.secret in data]


def packed(data):
    """A string of the SSH wire format: four bytes of length, then the bytes (RFC 4251, 5)."""
    return len(data).to_bytes(4, "big") + data
