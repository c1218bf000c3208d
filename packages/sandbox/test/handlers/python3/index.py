# One handler for the whole contract: the event says what to do.
import os
import subprocess
import sys
import threading

barriers = {}
lock = threading.Lock()


class GreetingError(Exception):
    pass


def handler(event, context):
    what = event.get("do")
    if what == "echo":
        return event["value"]
    if what == "fail":
        raise GreetingError(event["message"])
    if what == "log":
        print(event["text"])
        print("error:", event["text"], file=sys.stderr)
        return None
    if what == "native":
        subprocess.run(["sh", "-c", "echo from a child"], check=True)
        return None
    if what == "loop":
        print("before the loop")
        while True:
            pass
    if what == "exit":
        print("last words")
        sys.exit(event["code"])
    if what == "environment":
        return os.environ.get(event["name"])
    if what == "context":
        return {
            "requestId": context.aws_request_id,
            "name": context.function_name,
            "version": context.function_version,
            "memory": int(context.memory_limit_in_mb),
            "arn": context.invoked_function_arn,
            "remaining": context.get_remaining_time_in_millis(),
            "client": context.client_context.custom if context.client_context else None,
        }
    if what == "unserialisable":
        return {"set": {1, 2}}
    if what == "large":
        return "x" * event["size"]
    if what == "flood":
        for _ in range(event["lines"]):
            print("x" * 99)
        return event["lines"]
    if what == "meet":
        with lock:
            barrier = barriers.setdefault("one", threading.Barrier(event["parties"]))
        print(event["name"], "is here")
        barrier.wait()
        print(event["name"], "leaves")
        return event["name"]
    if what == "descriptor":
        command = ["sh", "-c", "readlink /proc/$$/fd/3 || echo none"]
        return subprocess.run(command, check=True, close_fds=False, capture_output=True, text=True).stdout.strip()
    if what == "pid":
        return os.getpid()
    if what == "files":
        return os.listdir(os.environ["LAMBDA_TASK_ROOT"])
    return None
