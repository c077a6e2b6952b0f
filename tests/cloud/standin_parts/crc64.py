"""CRC-64/XZ (ECMA-182's polynomial, reflected), as OSS gives it in x-oss-hash-crc64ecma."""
import array
import sys

POLYNOMIAL = 0xC96C5795D7870F42
ALL = (1 << 64) - 1


def table(bits):
    """What `bits` steps make of each number of that many bits: linear, so every bit is done once."""
    made = [0]
    for bit in range(bits):
        value = 1 << bit
        for _ in range(bits):
            value = (value >> 1) ^ (POLYNOMIAL if value & 1 else 0)
        made += [known ^ value for known in made]
    return made


ONE, TWO = table(8), table(16)


def crc64(data, crc=0):
    """Of `data`; `crc` is that of the bytes before it."""
    even = len(data) & ~1
    words = array.array("H", bytes(data[:even]))
    if sys.byteorder == "big":
        words.byteswap()
    crc, two = crc ^ ALL, TWO
    for word in words:
        crc = two[(crc ^ word) & 0xFFFF] ^ (crc >> 16)
    for byte in data[even:]:
        crc = ONE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
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
