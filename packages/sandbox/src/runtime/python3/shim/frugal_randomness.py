"""Randomness in clones: whatever in this process would draw the same numbers in each of them is given a new state.

  OpenSSL    every copy that is loaded as a shared library: reseeded, for every thread, by mixing in new bytes
  random     the generator behind the module's functions; numpy.random likewise
  tempfile   the generator of names
  uuid       uuid1() draws node and clock sequence anew; uuid4(), secrets and os.urandom() ask the kernel each time

Out of reach: instances of random.Random, numpy's default_rng() and other generators that a package holds; the hash seed;
OpenSSL copies that are part of other libraries; the ticket keys of ssl.SSLContext objects.
"""

import os
import re
import sys
from ctypes import CDLL, c_char_p, c_double, c_int

SEED_BYTES = 48
OPENSSL = re.compile(r"\S*/libcrypto[.-]\S*$")


def find_reseeders():
    """RAND_add() of each OpenSSL in this process: it reseeds the generator that those of all threads descend from."""
    with open("/proc/self/maps") as maps:
        libraries = {match[0] for match in map(OPENSSL.search, map(str.rstrip, maps)) if match}
    reseeders = [reseeder_of(library) for library in sorted(libraries)]
    if "_ssl" in sys.modules:
        # Some interpreters contain an OpenSSL of their own.
        reseeders.append(lambda seed: sys.modules["_ssl"].RAND_add(seed, float(len(seed))))
    return reseeders


def reseeder_of(library):
    add = CDLL(library).RAND_add
    add.argtypes = [c_char_p, c_int, c_double]
    add.restype = None
    return lambda seed: add(seed, len(seed), float(len(seed)))


class Randomness:
    def __init__(self):
        self.reseeders = []

    def prepare(self):
        """Before the dump: finds what `renew` will need, because then time counts."""
        self.reseeders = find_reseeders()

    def renew(self, contribution):
        """In the clone, before any other code; `contribution` is mixed into the kernel's randomness."""
        for reseed in self.reseeders:
            reseed(os.urandom(SEED_BYTES) + contribution)
        loaded = sys.modules.get
        if random := loaded("random"):
            random.seed(os.urandom(SEED_BYTES) + contribution)
        if numpy_random := loaded("numpy.random"):
            numpy_random.seed()
        if tempfile := loaded("tempfile"):
            tempfile._name_sequence = None
        if uuid := loaded("uuid"):
            renew_uuid(uuid)


def renew_uuid(uuid):
    """The C library keeps its clock sequence to itself, so Python's own way is taken from now on."""
    uuid._generate_time_safe = None
    # The bit says that it is no hardware address.
    uuid._node = int.from_bytes(os.urandom(6), "little") | 1 << 40
