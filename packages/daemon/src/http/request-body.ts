/**
 * Request bodies, collected into one buffer.
 */
import type { IncomingMessage } from "node:http";

/**
 * Calls `done` once with the whole body, or with undefined as soon as it is longer than `limit` (the rest is read and
 * dropped, so that the client gets to read the answer). Never called where the client goes away before the end.
 */
export function collectBody(
  request: IncomingMessage,
  limit: number,
  done: (body: Buffer | undefined) => void,
): void {
  if (Number(request.headers["content-length"] ?? 0) > limit) {
    request.resume();
    done(undefined);
    return;
  }
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) {
      // Once: what comes after is dropped.
      if (size - chunk.length <= limit) {
        rest = undefined;
        first = undefined;
        done(undefined);
      }
    } else if (first === undefined) first = chunk;
    else (rest ??= [first]).push(chunk);
  });
  request.on("end", () => {
    if (size <= limit) done(rest === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(rest, size));
  });
  // A client that goes away is no error of ours.
  request.on("error", () => undefined);
}
