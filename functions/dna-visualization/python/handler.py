"""Turns a DNA sequence into the coordinates of two-dimensional drawings, by three methods.

squiggle: Lee, Bioinformatics 2018; gates: Gates, J. Theor. Biol. 1986; yauInt: Yau et al., Nucleic Acids Res. 2003, with
unit steps in x and integer steps in y.
"""

PATH_POINTS = 200

# Per base: the heights of its two half steps, relative to where it starts.
SQUIGGLE = {"A": (0.5, 0.0), "C": (-0.5, 0.0), "G": (0.5, 1.0), "T": (-0.5, -1.0)}
GATES = {"A": (0, -1), "C": (-1, 0), "G": (1, 0), "T": (0, 1)}
YAU_INT = {"A": -2, "C": 1, "G": -1, "T": 2}


def handler(event, context):
    bases = event["bases"]
    sequence = sequence_of(bases, event["seed"])
    drawings = [
        drawing("squiggle", *squiggle(sequence)),
        drawing("gates", *gates(sequence)),
        drawing("yauInt", *yau_int(sequence)),
    ]
    return {"bases": bases, "drawings": drawings}


def squiggle(sequence):
    ys, y = [0.0], 0.0
    for base in sequence:
        first, second = SQUIGGLE[base]
        ys.append(y + first)
        y += second
        ys.append(y)
    return [i / 2 for i in range(len(ys))], ys


def gates(sequence):
    xs, ys, x, y = [0], [0], 0, 0
    for base in sequence:
        east, north = GATES[base]
        x += east
        y += north
        xs.append(x)
        ys.append(y)
    return xs, ys


def yau_int(sequence):
    ys, y = [0], 0
    for base in sequence:
        y += YAU_INT[base]
        ys.append(y)
    return list(range(len(ys))), ys


def drawing(method, xs, ys):
    total = weighted = 0
    for i, (x, y) in enumerate(zip(xs, ys)):
        total += x + 2 * y
        weighted += (i % 1000 + 1) * (2 * x + y)
    last = len(xs) - 1
    points = [last * point // PATH_POINTS for point in range(PATH_POINTS + 1)]
    return {
        "method": method,
        "points": len(xs),
        "frame": [min(xs), min(ys), max(xs), max(ys)],
        "sum": total,
        "weighted": weighted,
        "path": [[xs[i], ys[i]] for i in points],
    }


def sequence_of(bases, seed):
    state, parts = seed, []
    while len(parts) < bases:
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        parts.extend("ACGT"[(state >> bit) & 3] for bit in range(30, 15, -2))
    return "".join(parts[:bases])
