# Draws in a process, and then in twins of it with the same process id, what should be random.
import ctypes
import json
import os
import random
import secrets
import signal
import ssl
import sys
import tempfile
import threading
import uuid

sys.path.insert(0, sys.argv[1])
from frugal_randomness import Randomness

CLONE_NEWPID = 0x2000_0000
SYS_CLONE = {"x86_64": 56, "aarch64": 220}[os.uname().machine]


def twin():
    """0 in the twin; its parent goes on once that has ended."""
    pid = ctypes.CDLL(None).syscall(SYS_CLONE, CLONE_NEWPID | signal.SIGCHLD, 0, 0, 0, 0)
    if pid > 0:
        os.waitpid(pid, 0)
    return pid


def in_thread(draw):
    drawn = []
    thread = threading.Thread(target=lambda: drawn.append(draw()))
    thread.start()
    thread.join()
    return drawn[0]


draws = {
    "random": random.random,
    "ssl": lambda: ssl.RAND_bytes(16).hex(),
    "ssl in a thread": lambda: in_thread(lambda: ssl.RAND_bytes(16).hex()),
    "secrets": lambda: secrets.token_hex(16),
    "uuid1": lambda: str(uuid.UUID(int=uuid.uuid1().int & (1 << 62) - 1)),
    "uuid4": lambda: str(uuid.uuid4()),
    "tempfile": lambda: next(tempfile._get_candidate_names()),
}
try:
    import numpy

    draws["numpy"] = numpy.random.random
except ImportError:
    pass


def draw_all():
    return {name: draw() for name, draw in draws.items()}


draw_all()
randomness = Randomness()
randomness.prepare()
for is_renewed in (False, False, True, True):
    if twin() != 0:
        continue
    if is_renewed:
        randomness.renew(bytes(64))
    os.write(1, json.dumps({"isRenewed": is_renewed, "drawn": draw_all()}).encode() + b"\n")
    os._exit(0)
