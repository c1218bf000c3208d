/**
 * JSON documents that users give, checked before they are sent, so that the message can say where they came from.
 */
import { readFile } from "node:fs/promises";
import { FrugalError, messageOf } from "@frugal/core";

/** The value of the flag itself. */
export const jsonOfFlag = (text: string, flag: string): Uint8Array =>
  checkedJson(Buffer.from(text), flag, `\nQuote it for the shell: ${flag} '{"key": "value"}'`);

/** The content of the file at `path`, which `flag` named. */
export async function jsonOfFile(path: string, flag: string): Promise<Uint8Array> {
  const content = await readFile(path).catch((cause: unknown) => {
    throw new FrugalError("invalid-request", `${flag}: ${messageOf(cause)}`, { cause });
  });
  return checkedJson(content, path);
}

/** `content` as it is, if it is JSON. */
export function checkedJson(content: Uint8Array, origin: string, advice = ""): Uint8Array {
  try {
    JSON.parse(Buffer.from(content).toString("utf8"));
    return content;
  } catch (cause) {
    throw new FrugalError("invalid-request", `${origin} is not JSON: ${messageOf(cause)}${advice}`, {
      cause,
    });
  }
}
