# What hooks, variables and modules of a template are like, told by its clones.
import os

import dep
from snapshot_restore_py import register_after_restore, register_before_snapshot

order = []
os.environ["OWN"] = "the function's"
if os.environ.get("FAIL") == "load":
    raise ValueError("fails to load")


@register_before_snapshot
def before_first():
    order.append("before 1")


@register_before_snapshot
def before_second():
    if os.environ.get("FAIL") == "before":
        raise ValueError("fails before")
    order.append("before 2")


def after(number, suffix=""):
    if os.environ.get("FAIL") == "after":
        raise ValueError("fails after")
    order.append(f"after {number}{suffix} in {os.environ['REGION']}")


register_after_restore(after, 1)
register_after_restore(after, 2, suffix="!")


def handler(event, context):
    return {
        "order": order,
        "dep": dep.loads,
        "region": os.environ["REGION"],
        "own": os.environ["OWN"],
        "stream": context.log_stream_name,
        "trace": os.environ.get("_X_AMZN_TRACE_ID"),
    }
