/**
 * The plan of a unit and its task for the native init: names and values, as `native/init/task/plan.h` describes them.
 */
import { FrugalError } from "@frugal/core";

/** A record of the plan of a unit, or of a task for it. */
export type PlanRecord = readonly [
  name:
    | "root"
    | "network"
    | "cgroup"
    | "cgroup2"
    | "folder"
    | "link"
    | "criu"
    | "criu-preload"
    | "restore-worker"
    | "bind"
    | "file"
    | "task"
    | "hostname"
    | "temporary-storage"
    | "listen"
    | "template"
    | "directory"
    | "user"
    | "open-files"
    | "argument"
    | "environment"
    | "image"
    | "inherit"
    | "connection"
    | "pager"
    | "session",
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
