/**
 * Snapshots on the live platform: tells the control plane which starts there are, carries out its templates, and answers
 * people who ask for either.
 */
import type { Event } from "@frugal/control";
import {
  type FunctionName,
  type InstanceNumber,
  type MachineName,
  messageOf,
  parseFunctionName,
} from "@frugal/core";
import type {
  Build,
  BuildResult,
  InstanceSpec,
  Sandbox,
  SnapshotDetails,
  SnapshotSummary,
} from "@frugal/sandbox";
import type { FunctionDefinition } from "../../registry/definition.ts";
import { FirstPayloads } from "./first-payloads.ts";
import type { SnapshotService } from "./snapshot-service.ts";

export interface SnapshotDeskParts {
  readonly sandbox: Sandbox;
  readonly machine: MachineName;
  readonly definitionOf: (name: FunctionName) => FunctionDefinition | undefined;
  /** What the sandbox makes of `definition`, as the instance `id`. */
  readonly specOf: (definition: FunctionDefinition, id: string) => InstanceSpec;
  readonly send: (event: Event) => void;
  /** Tells who reads the function's log. */
  readonly note: (name: FunctionName, text: string) => void;
}

const switchedOff: BuildResult = {
  kind: "failed",
  reason: "its snapshots are switched off (snapshot: off)",
};

export class SnapshotDesk implements SnapshotService {
  readonly #parts: SnapshotDeskParts;
  readonly #payloads = new FirstPayloads();
  readonly #builds: Record<BuildResult["kind"], number> = { built: 0, failed: 0, stopped: 0 };
  /** People who wait for the next template of a function. */
  readonly #waiting = new Map<FunctionName, ((result: BuildResult) => void)[]>();
  /** What was said last of each function that lacks its snapshot. */
  readonly #absences = new Map<FunctionName, string>();
  #isClosed = false;

  constructor(parts: SnapshotDeskParts) {
    this.#parts = parts;
    parts.sandbox.snapshots?.onRemoval((functions) => {
      for (const text of functions) {
        const name = parseFunctionName(text);
        const definition = name === undefined ? undefined : parts.definitionOf(name);
        if (definition !== undefined) this.look(definition);
      }
    });
  }

  /** The function is new or changed, or its snapshots may have. */
  look(definition: FunctionDefinition): void {
    const { sandbox, specOf, machine, send, definitionOf } = this.#parts;
    if (definition.snapshot === "off") this.#tell(definition.name, switchedOff);
    if (sandbox.snapshots === undefined || definition.snapshot === "off") return;
    // What was wished of an earlier revision is wished of this one.
    if (this.#waiting.has(definition.name)) send({ kind: "snapshot-wished", function: definition.name });
    sandbox.snapshots.offers(specOf(definition, "offer")).then(
      (offers) => {
        const { name, revision } = definition;
        if (definitionOf(name) !== definition) return;
        send({ kind: "starts-known", function: name, revision, machine, offers });
        this.#noteAbsence(definition);
      },
      (error: unknown) =>
        this.#parts.note(definition.name, `Its snapshots cannot be used: ${messageOf(error)}\n`),
    );
  }

  /** An invocation of the function has succeeded. */
  succeeded(definition: FunctionDefinition, payload: Uint8Array): void {
    this.#payloads.add(definition, payload);
  }

  forget(name: FunctionName): void {
    this.#payloads.forget(name);
    this.#absences.delete(name);
    this.#tell(name, { kind: "failed", reason: "the function was removed" });
  }

  /** Runs a template as the instance `number`; `ended` is called when nothing of it is left and its starts are known. */
  start(
    number: InstanceNumber,
    definition: FunctionDefinition,
    ended: (failure: string | undefined) => void,
  ): Pick<Build, "stop" | "cpuTime"> {
    const { sandbox, specOf, send, machine } = this.#parts;
    if (sandbox.snapshots === undefined) {
      queueMicrotask(() => ended("this host makes no snapshots"));
      return { stop: () => undefined, cpuTime: () => undefined };
    }
    const { name, revision, warmUp } = definition;
    const payloads = warmUp.payloads ?? this.#payloads.of(definition);
    const spec = specOf(definition, `t${process.pid}-${number}`);
    const build = sandbox.snapshots.build(spec, { count: warmUp.count, payloads });
    const { snapshots } = sandbox;
    void build.done.then(async (result) => {
      this.#builds[result.kind]++;
      const offers = await snapshots.offers(spec).catch(() => []);
      send({ kind: "starts-known", function: name, revision, machine, offers });
      if (result.kind === "failed")
        this.#parts.note(
          name,
          `No snapshot could be made of function "${name}", so it starts by booting: ${result.reason}\n`,
        );
      ended(result.kind === "failed" ? result.reason : undefined);
      if (this.#parts.definitionOf(name)?.revision === revision) this.#tell(name, result);
    });
    return build;
  }

  problem(): string | undefined {
    return this.#parts.sandbox.snapshotProblem;
  }

  list(): readonly SnapshotSummary[] {
    return this.#parts.sandbox.snapshots?.list() ?? [];
  }

  inspect(id: string): Promise<SnapshotDetails | undefined> {
    return this.#parts.sandbox.snapshots?.inspect(id) ?? Promise.resolve(undefined);
  }

  async build(name: FunctionName): Promise<BuildResult> {
    const { sandbox, definitionOf, send, specOf } = this.#parts;
    const definition = definitionOf(name);
    if (definition === undefined) return { kind: "failed", reason: "there is no such function" };
    if (definition.snapshot === "off") return switchedOff;
    if (this.#isClosed) return { kind: "stopped" };
    if (sandbox.snapshots === undefined)
      return { kind: "failed", reason: sandbox.snapshotProblem ?? "this host makes no snapshots" };
    try {
      const present = sandbox.snapshots.find(specOf(definition, "offer"));
      if (present !== undefined) return { kind: "built", id: present };
    } catch (error) {
      return { kind: "failed", reason: messageOf(error) };
    }
    return await new Promise((resolve) => {
      const waiting = this.#waiting.get(name) ?? [];
      this.#waiting.set(name, [...waiting, resolve]);
      send({ kind: "snapshot-wished", function: name });
    });
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#parts.sandbox.snapshots?.remove(id)) ?? false;
  }

  /** To be called when no template runs any more. */
  close(): void {
    this.#isClosed = true;
    for (const name of this.#waiting.keys()) this.#tell(name, { kind: "stopped" });
  }

  builds(): Readonly<Record<BuildResult["kind"], number>> {
    return this.#builds;
  }

  /** Who wonders why a function starts slowly finds it in its log, once. */
  #noteAbsence(definition: FunctionDefinition): void {
    const { sandbox, specOf, note } = this.#parts;
    const { name } = definition;
    const absence = sandbox.snapshots?.absence(specOf(definition, "offer"));
    if (absence === this.#absences.get(name)) return;
    if (absence === undefined) this.#absences.delete(name);
    else {
      this.#absences.set(name, absence);
      note(name, `It starts without a snapshot of its own until there is another: ${absence}\n`);
    }
  }

  #tell(name: FunctionName, result: BuildResult): void {
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const tell of waiting) tell(result);
  }
}
