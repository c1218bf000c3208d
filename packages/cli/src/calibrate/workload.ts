/**
 * What a calibration invokes: functions with their inputs, and what these mean for the functions' work.
 */
import { readFile } from "node:fs/promises";
import { bytes, FrugalError, type FunctionName, messageOf, parseFunctionName } from "@frugal/core";
import { type PayloadWork, type WorkPaths, workOf } from "@frugal/predict";
import { z } from "zod";
import type { PlatformClient } from "../client/platform-client.ts";

export interface CalibrationCall {
  readonly function: FunctionName;
  /** A JSON document. */
  readonly payload: Uint8Array;
}

/** A call with what its payload means, as the platform sees it. */
export interface KnownCall extends CalibrationCall {
  readonly work: PayloadWork;
}

/** The calls with their work, as the functions' settings declare it. */
export async function knownCalls(
  client: PlatformClient,
  calls: readonly CalibrationCall[],
): Promise<readonly KnownCall[]> {
  const paths = new Map<FunctionName, WorkPaths | undefined>();
  for (const { function: name } of calls) {
    if (paths.has(name)) continue;
    const { work } = (await client.function(name)).function;
    paths.set(name, work && { size: work.size ?? undefined, hyperparameters: work.hyperparameters });
  }
  return calls.map((call) => {
    const { function: name, payload } = call;
    const work = workOf(paths.get(name), bytes(payload.length), () => Buffer.from(payload).toString());
    return { ...call, work };
  });
}

const payloadsSchema = z.record(z.string(), z.array(z.unknown()).min(1));

/** Every function of `names` with each of `payloads` (JSON texts), an empty object where there is none. */
export const sameInputs = (
  names: readonly string[],
  payloads: readonly string[],
): readonly CalibrationCall[] =>
  names.flatMap((name) =>
    (payloads.length === 0 ? ["{}"] : payloads).map((payload) => ({
      function: functionNamed(name),
      payload: Buffer.from(payload),
    })),
  );

/** The functions of the file at `path`, a JSON object with a list of inputs by function; only `names`, where there are any. */
export async function inputsOfFile(
  path: string,
  names: readonly string[],
): Promise<readonly CalibrationCall[]> {
  const inputs = await readPayloads(path);
  const missing = names.filter((name) => !Object.hasOwn(inputs, name));
  if (missing.length > 0) {
    throw new FrugalError("invalid-request", `--payloads: ${path} has no inputs for ${missing.join(", ")}`);
  }
  return (names.length === 0 ? Object.keys(inputs) : names).flatMap((name) =>
    (inputs[name] ?? []).map((input) => ({
      function: functionNamed(name),
      payload: Buffer.from(JSON.stringify(input)),
    })),
  );
}

async function readPayloads(path: string): Promise<z.infer<typeof payloadsSchema>> {
  let problem: string;
  try {
    const parsed = payloadsSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
    if (parsed.success) return parsed.data;
    problem = "it is no object with a list of inputs for each function";
  } catch (error) {
    problem = messageOf(error);
  }
  throw new FrugalError(
    "invalid-request",
    `--payloads: ${path} cannot be used: ${problem}\nWrite it as {"resize": [{"width": 100}, {"width": 1000}]}`,
  );
}

function functionNamed(name: string): FunctionName {
  const parsed = parseFunctionName(name);
  if (parsed !== undefined) return parsed;
  throw new FrugalError("invalid-request", `${JSON.stringify(name)} cannot be the name of a function`);
}
