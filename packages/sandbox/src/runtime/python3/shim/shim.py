"""The Python runtime inside a unit: loads the handler, then executes what arrives over the channel until it closes.

The wire format is that of channel/frame.ts on the platform's side; the semantics are AWS Lambda's. Few imports, because
every cold start pays for them. Writes to the channel are synchronous: output precedes the result that follows it.

With a concurrency of one the handler runs on the main thread, which reads the channel between invocations; with more,
on as many threads.

What only templates of snapshots and their clones need is in `frugal_template.py`.
"""

import json
import os
import struct
import sys
import time
from _thread import allocate_lock
from types import SimpleNamespace

CHANNEL = 3
INVOKE = 1
HOOK_FAILED = 27
HELLO, READY, INIT_FAILED, RESULT, FAILED, STDOUT, STDERR, DROPPED = range(16, 24)
RESULT_LIMIT = 6_291_556
OUTPUT_LIMIT = 1_048_576
HEADER = struct.Struct("<IBI")
RUSAGE_SELF = 0
UNKNOWN = float("nan")

environ = os.environ
folder = os.path.dirname(__file__)
# Where Python keeps its own extension modules, whatever the function does to the path.
extension_folders = [path for path in sys.path if path.endswith("/lib-dynload")]
concurrency = 1
handler_name = ""


class Channel:
    """Frames, read by one thread and written by any."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.lock = allocate_lock()
        self.received = bytearray()

    def send(self, kind, invocation, body=b"", *numbers):
        prefix = struct.pack(f"<{len(numbers)}d", *numbers)
        frame = HEADER.pack(len(prefix) + len(body), kind, invocation) + prefix + body
        with self.lock:
            rest = memoryview(frame)
            while rest:
                rest = rest[os.write(self.descriptor, rest) :]

    def take(self, count):
        """The next `count` bytes; the platform has gone where there are not as many."""
        while len(self.received) < count:
            chunk = os.read(self.descriptor, max(65_536, count - len(self.received)))
            if not chunk:
                raise EOFError
            self.received += chunk
        taken = bytes(self.received[:count])
        del self.received[:count]
        return taken

    def receive(self):
        length, kind, invocation = HEADER.unpack(self.take(HEADER.size))
        return kind, invocation, self.take(length)


class Output:
    """What an invocation, or the time outside of any (0), has written so far."""

    def __init__(self, number):
        self.number = number
        self.written = 0
        self.dropped = 0
        self.unfinished = {}

    def write_lines(self, kind, data):
        """Gathers lines, because print() writes a text and its end one after the other."""
        gathered = self.unfinished.pop(kind, b"") + data
        if gathered.endswith(b"\n") or len(gathered) > 8192:
            self.write(kind, gathered)
        elif gathered:
            self.unfinished[kind] = gathered

    def write(self, kind, data):
        kept = data[: OUTPUT_LIMIT - self.written]
        self.written += len(kept)
        self.dropped += len(data) - len(kept)
        if kept:
            channel.send(kind, self.number, kept)

    def flush(self):
        for kind, gathered in self.unfinished.items():
            self.write(kind, gathered)
        self.unfinished.clear()
        if self.dropped:
            channel.send(DROPPED, self.number, b"", self.dropped)
            self.dropped = 0


class Context:
    """AWS Lambda's context object."""

    def __init__(self, metadata, timeout_ms):
        request_id, arn, _, client_context, _ = metadata
        self.aws_request_id = request_id
        self.invoked_function_arn = arn
        self.function_name = environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.client_context = parse_client_context(client_context)
        self._deadline = time.time() * 1000 + timeout_ms

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline - time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


def parse_client_context(text):
    if not text:
        return None
    from base64 import b64decode

    document = json.loads(b64decode(text))
    return SimpleNamespace(
        custom=document.get("custom"), env=document.get("env"), client=SimpleNamespace(**document.get("client", {}))
    )


class LogStream:
    """`sys.stdout` or `sys.stderr`: text that leaves at once, attributed to the invocation that writes it."""

    encoding = "utf-8"
    errors = "backslashreplace"
    mode = "w"
    closed = False
    newlines = None
    line_buffering = True

    def __init__(self, name, kind, descriptor):
        self.name = name
        self.buffer = self.raw = RawLogStream(kind, descriptor)

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.buffer.write(text.encode("utf-8", "backslashreplace"))
        return len(text)

    def writelines(self, lines):
        self.write("".join(lines))

    def flush(self):
        pass

    close = flush

    def fileno(self):
        return self.buffer.fileno()

    def isatty(self):
        return False

    def readable(self):
        return False

    def writable(self):
        return True

    seekable = readable

    def reconfigure(self, **_options):
        pass


class RawLogStream:
    """The bytes below a `LogStream`."""

    closed = False

    def __init__(self, kind, descriptor):
        self.kind = kind
        self.descriptor = descriptor

    def write(self, data):
        data = bytes(data)
        current_output().write_lines(self.kind, data)
        return len(data)

    def flush(self):
        pass

    def fileno(self):
        return self.descriptor


def describe(error):
    """An error in AWS Lambda's form."""
    from traceback import format_list, extract_tb

    frames = extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(folder) and "importlib" not in frame.filename]
    return json.dumps(
        {
            "errorType": getattr(error, "error_type", type(error).__name__),
            "errorMessage": str(error),
            "stackTrace": format_list(own),
        }
    ).encode()


class InitError(Exception):
    def __init__(self, error_type, message):
        super().__init__(message)
        self.error_type = error_type


class MarshalError(Exception):
    error_type = "Runtime.MarshalError"


class ResponseSizeTooLarge(Exception):
    error_type = "Function.ResponseSizeTooLarge"


def marshal(result):
    try:
        body = encode(result)
    except Exception as error:
        raise MarshalError(f"The result is no JSON value: {error}") from None
    if len(body) > RESULT_LIMIT:
        raise ResponseSizeTooLarge(
            f"The result has {len(body)} bytes; the limit is {RESULT_LIMIT}. "
            "Return less, or store it and return where it is."
        )
    return body


def encode(result):
    try:
        return json.dumps(result, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # Lone surrogates exist in JSON only as escapes.
        return json.dumps(result, allow_nan=False, separators=(",", ":")).encode()


def execute(invocation, body):
    """Executes one invocation and sends its outcome."""
    owner = Output(invocation)
    set_current_output(owner)
    before = used_so_far()
    timeout_ms, metadata_length = struct.unpack_from("<II", body)
    metadata = body[8 : 8 + metadata_length].decode("latin-1").split("\0")
    payload = body[8 + metadata_length :]
    try:
        if metadata[2] and concurrency == 1:
            environ["_X_AMZN_TRACE_ID"] = metadata[2]
        event = json.loads(payload) if payload else {}
        kind, outcome = RESULT, marshal(handler(event, Context(metadata, timeout_ms)))
    except Exception as error:
        kind, outcome = FAILED, describe(error)
    except BaseException as error:
        owner.flush()
        leave(error)
    owner.flush()
    after = used_so_far()
    set_current_output(outside)
    channel.send(kind, invocation, outcome, after[0] - before[0], after[1] - before[1])


def used_so_far():
    """CPU seconds and page faults of the process; of invocations side by side nobody knows which has used what."""
    if concurrency > 1 or getrusage is None:
        return UNKNOWN, UNKNOWN
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, used.ru_minflt + used.ru_majflt


def load_getrusage():
    """Imports nothing: a function may bring a module "resource" of its own. None where this Python has none."""
    from importlib.machinery import BuiltinImporter, PathFinder

    spec = BuiltinImporter.find_spec("resource") or PathFinder.find_spec("resource", extension_folders)
    if spec is None:
        return None
    module = spec.loader.create_module(spec)
    spec.loader.exec_module(module)
    return module.getrusage


def leave(error):
    """sys.exit() in a handler ends the process, whichever thread it is in."""
    code = error.code if isinstance(error, SystemExit) else 1
    if not isinstance(error, SystemExit):
        sys.excepthook(type(error), error, error.__traceback__)
    if not isinstance(code, int):
        if code is not None:
            print(code, file=sys.stderr)
        code = 0 if code is None else 1
    current_output().flush()
    os._exit(code & 0xFF)


def load_handler(name):
    """The function that `name` (`folder/module.function`) stands for."""
    module_path, dot, function = name.rpartition(".")
    if not dot or not module_path or not function:
        raise InitError("Runtime.MalformedHandlerName", f'Bad handler "{name}": it must be module.function')
    from importlib import import_module

    try:
        module = import_module(module_path.replace("/", "."))
    except ImportError as error:
        error.error_type = "Runtime.ImportModuleError"
        raise
    except SyntaxError as error:
        error.error_type = "Runtime.UserCodeSyntaxError"
        raise
    found = getattr(module, function, None)
    if not callable(found):
        raise InitError(
            "Runtime.HandlerNotFound", f'Module {module_path} has no function "{function}" (handler "{name}")'
        )
    return found


def serve(control):
    """Executes invocations as they come, until the platform hangs up."""
    global getrusage
    # Only now: before, a start would have waited for it.
    getrusage = load_getrusage()
    start = None
    try:
        while True:
            kind, invocation, body = channel.receive()
            if kind == INVOKE:
                outside.written = 0
                start = start or (execute if concurrency == 1 else start_threads())
                start(invocation, body)
            else:
                control(kind, body)
    except (EOFError, OSError):
        pass
    os._exit(0)


def refuse(_kind, _body):
    error = {"errorType": "Runtime.NoTemplate", "errorMessage": "This instance was not started as a template"}
    channel.send(HOOK_FAILED, 0, json.dumps(error).encode())


def start_threads():
    """One for each invocation at a time; says how to hand one out."""
    from queue import SimpleQueue
    from threading import Thread

    queue = SimpleQueue()

    def work():
        while True:
            execute(*queue.get())

    for _ in range(concurrency):
        Thread(target=work, daemon=True).start()
    return lambda invocation, body: queue.put((invocation, body))


def configure():
    """Adapts to what the environment says of the function; again wherever that has changed."""
    global concurrency, current_output, handler_name, set_current_output
    handler_name = environ["_HANDLER"]
    before = concurrency
    concurrency = int(environ.get("AWS_LAMBDA_MAX_CONCURRENCY", "1"))
    if concurrency != before:
        current_output, set_current_output = make_current_output()


def make_current_output():
    """How to tell and set whose output is written now: per context where invocations run side by side."""
    if concurrency == 1:
        now = [outside]
        return lambda: now[0], lambda owner: now.__setitem__(0, owner)
    from contextvars import ContextVar

    variable = ContextVar("frugal_output", default=outside)
    return variable.get, variable.set


def describe_init(error):
    import traceback

    sys.stderr.write("".join(traceback.format_exception(type(error), error, error.__traceback__)))
    return describe(error)


def after_fork():
    """A child process is no part of the conversation; what it prints goes out by its standard streams."""
    os.close(CHANNEL)
    sys.stdout = sys.__stdout__ = open(1, "w", buffering=1, closefd=False)
    sys.stderr = sys.__stderr__ = open(2, "w", buffering=1, closefd=False)


def initialise(load):
    """The process ends where `load` fails."""
    try:
        load()
    except SystemExit as error:
        leave(error)
    except BaseException as error:
        failure = describe_init(error)
        outside.flush()
        channel.send(INIT_FAILED, 0, failure)
        os._exit(1)


def load_function():
    """Loads the function that the environment names."""
    global handler
    handler = load_handler(handler_name)


def open_template():
    """None in ordinary instances."""
    if "FRUGAL_TEMPLATE" not in environ:
        return None
    sys.path[0] = folder
    from frugal_template import Template

    return Template(sys.modules["__main__"])


def main():
    os.set_inheritable(CHANNEL, False)
    os.set_blocking(CHANNEL, True)
    os.register_at_fork(after_in_child=after_fork)
    sys.stdout = sys.__stdout__ = LogStream("<stdout>", STDOUT, 1)
    sys.stderr = sys.__stderr__ = LogStream("<stderr>", STDERR, 2)
    template = open_template()
    sys.path[0] = environ["LAMBDA_TASK_ROOT"]
    # For functions that bring no modules of the same names.
    sys.path.append(os.path.join(folder, "library"))
    configure()
    channel.send(HELLO, 0, b"", time.monotonic())
    if template is None:
        initialise(load_function)
        outside.flush()
        channel.send(READY, 0, b"", time.monotonic())
        serve(refuse)
    elif template.starts_with_function:
        template.load_function(is_traced=True)
    serve(template.control)


channel = Channel(CHANNEL)
outside = Output(0)
current_output, set_current_output = make_current_output()
handler = None
getrusage = None
if __name__ == "__main__":
    main()
