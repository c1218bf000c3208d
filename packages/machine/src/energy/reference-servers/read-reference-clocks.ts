/**
 * Reads the reference server's clocks that ship with Frugal; what they say is for `@frugal/predict` to parse.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FrugalError, messageOf } from "@frugal/core";

const shipped = fileURLToPath(new URL("../../../../../data/reference-clocks.json", import.meta.url));

/** The text of `file` (default: the file that ships with Frugal); `invalid-request` where it cannot be read. */
export function readReferenceClocks(file: string = shipped): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new FrugalError(
      "invalid-request",
      `Cannot read the reference clocks: ${messageOf(error)}\n` +
        "Restore the file, or write it again: frugal derive reference-clocks --from freq_power.csv",
      { details: { file } },
    );
  }
}
