/**
 * The payloads of each function's first successful invocations: what its template is warmed up with, where the function
 * names none itself.
 */
import { bytes, type FunctionName, mebibytes } from "@frugal/core";
import type { FunctionDefinition } from "../../registry/definition.ts";

/** So many of different invocations show what they have in common. */
const MOST = 5;
/** Larger ones would hold memory for long. */
const LARGEST = bytes(mebibytes(1) / 4);

interface Kept {
  readonly revision: number;
  readonly payloads: Uint8Array[];
}

export class FirstPayloads {
  readonly #kept = new Map<FunctionName, Kept>();

  /** An invocation with `payload` has succeeded. */
  add({ name, revision, snapshot, warmUp }: FunctionDefinition, payload: Uint8Array): void {
    if (snapshot === "off" || warmUp.payloads !== undefined || payload.length > LARGEST) return;
    let kept = this.#kept.get(name);
    if (kept?.revision !== revision) this.#kept.set(name, (kept = { revision, payloads: [] }));
    if (kept.payloads.length < MOST) kept.payloads.push(Uint8Array.from(payload));
  }

  of({ name, revision }: FunctionDefinition): readonly Uint8Array[] {
    const kept = this.#kept.get(name);
    return kept?.revision === revision ? [...kept.payloads] : [];
  }

  forget(name: FunctionName): void {
    this.#kept.delete(name);
  }
}
