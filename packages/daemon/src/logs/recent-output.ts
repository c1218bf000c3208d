/**
 * The last output of recent invocations, in bounded memory: for log tails, which are asked for right after the end.
 */
const invocations = 1024;
/** AWS Lambda's size of a tail. */
const tailBytes = 4096;

interface Output {
  readonly chunks: string[];
  bytes: number;
}

export class RecentOutput {
  /** In order of the first output. */
  readonly #outputs = new Map<string, Output>();

  add(requestId: string, text: string): void {
    let output = this.#outputs.get(requestId);
    if (output === undefined) {
      output = { chunks: [], bytes: 0 };
      this.#outputs.set(requestId, output);
      if (this.#outputs.size > invocations) this.#removeOldest();
    }
    const line = lastBytes(text.endsWith("\n") ? text : `${text}\n`);
    output.chunks.push(line);
    output.bytes += line.length;
    // Kept at twice the tail at most, so that a chatty function does not copy for every line.
    if (output.bytes > 2 * tailBytes) {
      const kept = lastBytes(output.chunks.join(""));
      output.chunks.splice(0, output.chunks.length, kept);
      output.bytes = kept.length;
    }
  }

  /** The last 4 KiB that the invocation wrote between `before` and `after`, as UTF-8. */
  tail(requestId: string, before: string, after: string): Buffer {
    const text = Buffer.from(`${before}\n${this.#outputs.get(requestId)?.chunks.join("") ?? ""}${after}\n`);
    return text.length <= tailBytes ? text : text.subarray(startOfCharacter(text, text.length - tailBytes));
  }

  #removeOldest(): void {
    for (const requestId of this.#outputs.keys()) {
      this.#outputs.delete(requestId);
      return;
    }
  }
}

/** At least the last 4 KiB: a character has one byte or more. */
const lastBytes = (text: string): string => (text.length > tailBytes ? text.slice(-tailBytes) : text);

/** The first index from `index` on that does not cut a UTF-8 character. */
function startOfCharacter(text: Buffer, index: number): number {
  let start = index;
  while (start < text.length && ((text[start] ?? 0) & 0xc0) === 0x80) start++;
  return start;
}
