"""A function that multiplies two matrices with numpy."""

import os
import time

# One core's work whatever the host has; read when numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy


def handler(event, context):
    seed, size = event["seed"], event["size"]
    row, column = numpy.indices((size, size))
    left = ((row * 31 + column * 17 + seed) % 101).astype(numpy.float64)
    right = ((row * 13 + column * 29 + seed) % 97).astype(numpy.float64)
    product = left @ right
    answer = {
        "trace": int(numpy.trace(product)),
        "sum": int(product.sum()),
        "last": [int(value) for value in product[-1]],
    }
    time.sleep(event.get("holdMs", 0) / 1000)
    return answer
