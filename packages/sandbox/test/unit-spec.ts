/**
 * Specs of units for tests, and what a unit wrote until it ended.
 */
import { cores, mebibytes } from "@frugal/core";
import type { Unit, UnitExit, UnitLimits, UnitSpec } from "../src/unit/unit.ts";

let number = 0;

export const unitLimits = (changes: Partial<UnitLimits> = {}): UnitLimits => ({
  memory: mebibytes(128),
  cores: cores(1),
  processes: 64,
  openFiles: 128,
  temporaryStorage: mebibytes(32),
  ...changes,
});

export const unitSpec = (command: UnitSpec["command"], changes: Partial<UnitSpec> = {}): UnitSpec => ({
  id: `test-${process.pid}-${++number}`,
  command,
  environment: { PATH: "/usr/bin:/bin" },
  workingDirectory: "/tmp",
  mounts: [],
  limits: unitLimits(),
  network: { kind: "none" },
  ...changes,
});

export const shell = (script: string): UnitSpec["command"] => ["/bin/sh", "-c", script];
export const python = (script: string): UnitSpec["command"] => ["/usr/bin/python3", "-c", script];

export interface Transcript {
  readonly exit: UnitExit;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the unit to its end. */
export async function transcriptOf(unit: Unit): Promise<Transcript> {
  const [stdout, stderr, exit] = await Promise.all([textOf(unit.stdout), textOf(unit.stderr), unit.exited]);
  return { exit, stdout, stderr };
}

/** Waits until the unit has written `text` to its standard output. */
export function written(unit: Unit, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let sofar = "";
    unit.stdout.on("data", (chunk: Buffer) => {
      sofar += chunk.toString();
      if (sofar.includes(text)) resolve(sofar);
    });
    unit.stdout.on("end", () => reject(new Error(`The unit ended and wrote only: ${sofar}`)));
  });
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
