"""What a template of snapshots, and each clone of it, does beyond an ordinary instance: it loads in phases, comes to rest
before it is dumped, and becomes distinct from all other clones after it was restored.

All of it is loaded before the dump. The requests come one at a time, on the thread that reads the channel.
"""

import base64
import gc
import importlib
import json
import os
import sys
import time
from ctypes import CDLL

from frugal_loading_trace import LoadingTrace
from frugal_randomness import Randomness

QUIESCE, RESUME, LOAD = 2, 3, 4
QUIESCED, RESUMED, HOOK_FAILED, LOADED, LOADING = range(25, 30)

environ = os.environ
malloc_trim = getattr(CDLL(None), "malloc_trim", None)


def collect_garbage():
    """Leaves the smallest heap that there is: what is dumped is read again by every clone."""
    gc.collect()
    # Later collections look only at what is newer, and so leave the pages of the rest alone.
    gc.freeze()
    if malloc_trim is not None:
        malloc_trim(0)


def run(hooks):
    for func, args, kwargs in list(hooks):
        func(*args, **kwargs)


class Template:
    """`shim` is the module of the runtime's main program."""

    def __init__(self, shim):
        self.shim = shim
        self.starts_with_function = environ.pop("FRUGAL_TEMPLATE") == "function"
        self.randomness = Randomness()
        # The variables as the platform has set them.
        self.given = dict(environ)

    def control(self, kind, body):
        try:
            if kind == QUIESCE:
                self.quiesce()
            elif kind == RESUME:
                self.resume(**json.loads(body))
            elif kind == LOAD:
                self.load(**json.loads(body))
        except BaseException as error:
            self.shim.outside.flush()
            self.shim.channel.send(HOOK_FAILED, 0, self.shim.describe(error))
            if kind == RESUME:
                os._exit(1)

    def answer(self, kind):
        self.shim.outside.flush()
        self.shim.channel.send(kind, 0, b"", time.monotonic())

    def hooks(self):
        return sys.modules.get("snapshot_restore_py")

    def quiesce(self):
        if hooks := self.hooks():
            run(reversed(hooks.get_before_snapshot()))
        self.randomness.prepare()
        collect_garbage()
        self.answer(QUIESCED)

    def resume(self, environment, entropy):
        self.randomness.renew(base64.b64decode(entropy))
        self.update(environment)
        environ.pop("_X_AMZN_TRACE_ID", None)
        if hooks := self.hooks():
            run(hooks.get_after_restore())
        self.answer(RESUMED)

    def load(self, environment, modules=None, isTraced=False):
        self.update(environment)
        sys.path[0] = environ["LAMBDA_TASK_ROOT"]
        # Folders may hold other files than at the time of the dump.
        importlib.invalidate_caches()
        if modules is None:
            self.load_function(isTraced)
            return
        self.trace(lambda: [importlib.import_module(module) for module in modules], isTraced, are_shared=True)
        self.answer(LOADED)

    def load_function(self, is_traced):
        self.trace(self.shim.load_function, is_traced)
        self.answer(self.shim.READY)

    def trace(self, load, is_traced, are_shared=False):
        """Runs `load`; where that is traced, tells what it involved."""
        trace = LoadingTrace(self.given, are_shared) if is_traced else None
        self.shim.initialise(load)
        if trace is not None:
            self.shim.channel.send(LOADING, 0, json.dumps(trace.end()).encode())

    def update(self, environment):
        """Sets all variables, but leaves those that the function has changed since they were set. What was given before
        and is not now belongs to another function, or to none."""
        for name in {**self.given, **environment}:
            if environ.get(name) != self.given.get(name):
                continue
            if name in environment:
                environ[name] = environment[name]
            else:
                environ.pop(name, None)
        self.given = dict(environment)
        time.tzset()
        self.shim.configure()
