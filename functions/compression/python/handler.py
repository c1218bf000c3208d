"""Writes a few log files and compresses them into one zip archive."""

import base64
import io
import zipfile

COMPONENTS = ["router", "store", "auth", "cache", "mailer", "worker", "billing", "search"]
LEVELS = ["DEBUG", "INFO", "INFO", "INFO", "WARN", "ERROR"]
LINES = 256


def handler(event, context):
    files, length = event["files"], event["bytesPerFile"]
    below = numbers(event["seed"])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in range(files):
            entry = zipfile.ZipInfo(f"log-{file}.txt", (2000, 1, 1, 0, 0, 0))
            archive.writestr(entry, log_text(below, length), zipfile.ZIP_DEFLATED, 6)
    return {
        "files": files,
        "originalBytes": files * length,
        "archiveBytes": buffer.tell(),
        "archive": base64.b64encode(buffer.getvalue()).decode(),
    }


def log_text(below, length):
    lines = []
    for _ in range(LINES):
        component = COMPONENTS[below(len(COMPONENTS))]
        level = LEVELS[below(len(LEVELS))]
        lines.append(
            f"{level} {component} request={below(2**20)} status={200 + below(300)}"
            f" took={below(5000)}us path=/v1/{component}/{below(1000)}\n"
        )
    parts, written = [], 0
    while written < length:
        line = f"{len(parts)} {lines[below(LINES)]}"
        parts.append(line)
        written += len(line)
    return "".join(parts)[:length]


def numbers(seed):
    state = seed

    def below(limit):
        nonlocal state
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (state * limit) >> 32

    return below
