# SPDX-License-Identifier: GPL-3.0-or-later
"""CRC-64/XZ (ECMA-182's polynomial, reflected), as OSS gives it in x-oss-hash-crc64ecma."""
import array
import sys

POLYNOMIAL = 0xC96C5795D7870F42
ALL = (1 << 64) - 1


def table(first, steps):
    """What so many steps make of each byte at bit `first`: linear, so every bit is done once."""
    made = [0]
    for bit in range(first, first + 8):
        value = 1 << bit
        for _ in range(steps):
            value = (value >> 1) ^ (POLYNOMIAL if value & 1 else 0)
        made += [known ^ value for known in made]
    return made


ONE, EIGHT = table(0, 8), [table(first, 64) for first in range(0, 64, 8)]


def crc64(data, crc=0):
    """Of `data`; `crc` is that of the bytes before it.  Eight bytes at a time, or images would take minutes."""
    even = len(data) & ~7
    words = array.array("Q", bytes(data[:even]))
    if sys.byteorder == "big":
        words.byteswap()
    crc, (a, b, c, d, e, f, g, h) = crc ^ ALL, EIGHT
    for word in words:
        word ^= crc
        crc = (a[word & 255] ^ b[word >> 8 & 255] ^ c[word >> 16 & 255] ^ d[word >> 24 & 255] ^
               e[word >> 32 & 255] ^ f[word >> 40 & 255] ^ g[word >> 48 & 255] ^ h[word >> 56])
    for byte in data[even:]:
        crc = ONE[(crc ^ byte) & 255] ^ (crc >> 8)
    return crc ^ ALL


def times(a, b):
    """Product of two polynomials (the highest bit is x^0), modulo the CRC's."""
    product = 0
    for bit in range(63, -1, -1):
        if b >> bit & 1:
            product ^= a
        a = (a >> 1) ^ (POLYNOMIAL if a & 1 else 0)
    return product


def joined(first, second, length):
    """Of two stretches together, from those of each; `length`: bytes of the second."""
    factor, power = 1 << 63, 1 << 55  # x^0, x^8
    while length:
        if length & 1:
            factor = times(factor, power)
        power, length = times(power, power), length >> 1
    return times(first, factor) ^ second
