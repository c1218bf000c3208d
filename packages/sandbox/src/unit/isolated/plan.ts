/**
 * The plan of a unit for the native init: names and values, as `native/plan.h` describes them.
 */
import { FrugalError } from "@frugal/core";

export type PlanRecord = readonly [
  name:
    | "root"
    | "hostname"
    | "network"
    | "directory"
    | "user"
    | "open-files"
    | "temporary-storage"
    | "listen"
    | "cgroup"
    | "cgroup2"
    | "folder"
    | "file"
    | "link"
    | "bind"
    | "argument"
    | "environment",
  ...values: (string | number)[],
];

/** The bytes that the init reads. No value may contain NUL: it would start a record of its own. */
export function encodedPlan(records: readonly PlanRecord[]): Buffer {
  const strings = records.flat().map(String);
  const broken = strings.find((text) => text.includes("\0"));
  if (broken !== undefined) {
    throw new FrugalError(
      "invalid-request",
      `A command, path or environment variable of a unit contains a NUL character: ${JSON.stringify(broken)}; remove it`,
    );
  }
  const body = Buffer.from(strings.map((text) => `${text}\0`).join(""));
  return Buffer.concat([Buffer.from(`${body.length}\0`), body]);
}
