/**
 * Whole lines out of the chunks of a text stream.
 */
import { StringDecoder } from "node:string_decoder";

/** A line longer than this is handed on in pieces. */
const LONGEST = 65_536;

export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  /** The lines that `chunk` completes, each with its end; empty where it completes none. */
  push(chunk: Buffer): string {
    const text = this.#rest + this.#decoder.write(chunk);
    const end = text.lastIndexOf("\n") + 1;
    if (text.length - end > LONGEST) {
      this.#rest = "";
      return text;
    }
    this.#rest = text.slice(end);
    return text.slice(0, end);
  }

  /** What has come of a line that is not complete. */
  flush(): string {
    const rest = this.#rest;
    this.#rest = "";
    return rest;
  }
}
