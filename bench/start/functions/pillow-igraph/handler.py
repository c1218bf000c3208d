"""A function that halves a picture with Pillow and measures distances in a graph with igraph."""

import base64
import io
import os
import time

# One core's work whatever the host has; read when numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import igraph
import numpy
from PIL import Image


def handler(event, context):
    seed = event["seed"]
    answer = {
        "png": base64.b64encode(halved(seed, event["width"], event["height"])).decode(),
        "distances": distances(seed, event["vertices"]),
    }
    time.sleep(event.get("holdMs", 0) / 1000)
    return answer


def halved(seed, width, height):
    """A PNG of `width` by `height`, made from one of twice the size."""
    row, column = numpy.indices((2 * height, 2 * width)) // 2
    channels = [(column * 3 + seed) % 256, (row * 5 + seed) % 256, (column + row) % 256]
    large = Image.fromarray(numpy.stack(channels, axis=-1).astype(numpy.uint8), "RGB")
    file = io.BytesIO()
    large.resize((width, height), Image.BOX).save(file, "PNG")
    return file.getvalue()


def distances(seed, vertices):
    """How far each vertex is from the first, in a ring with chords."""
    step = 2 + seed % 11
    edges = [(v, (v + 1) % vertices) for v in range(vertices)]
    edges += [(v, (v + step) % vertices) for v in range(0, vertices, 5)]
    graph = igraph.Graph(n=vertices, edges=edges).simplify()
    return [int(length) for length in graph.distances(source=0)[0]]
