/**
 * Deploying functions: code store, function store and platform change together or not at all (I8).
 *
 * Changes run one after another. A refused or failed one leaves at most an unused package, removed at the next start.
 */
import { type Clock, FrugalError, type FunctionName, messageOf } from "@frugal/core";
import type { Platform } from "../platform/platform.ts";
import type { CodeStore, StoredCode } from "./code-store.ts";
import type { FunctionDefinition } from "./definition.ts";
import {
  completeSettings,
  definitionOf,
  type FunctionSettings,
  type GivenSettings,
} from "./function-settings.ts";
import type { FunctionStore, StoredFunction } from "./function-store.ts";

/** A change of a function; what is undefined stays as it is, or takes its default where the function is new. */
export interface FunctionChange {
  readonly settings?: GivenSettings;
  /** The zip. */
  readonly code?: Buffer | undefined;
  readonly role?: string | undefined;
  /** Only if the function still has this revision. */
  readonly revision?: number | undefined;
}

interface Parts {
  readonly store: FunctionStore;
  readonly code: CodeStore;
  readonly platform: Platform;
  readonly clock: Clock;
}

export class Deployments {
  readonly #parts: Parts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A new function; FrugalError function-exists where the name is taken. */
  create(name: FunctionName, change: FunctionChange): Promise<StoredFunction> {
    return this.#inTurn(() => {
      if (this.#parts.store.find(name) !== undefined)
        throw new FrugalError(
          "function-exists",
          `Function already exists: ${name}. Update it, or delete it first.`,
          { details: { function: name } },
        );
      return this.#deploy(name, change, undefined);
    });
  }

  /** Changes what `change` names and keeps the rest; FrugalError function-not-found. */
  update(name: FunctionName, change: FunctionChange): Promise<StoredFunction> {
    return this.#inTurn(() => this.#deploy(name, change, this.#expect(name, change.revision)));
  }

  /** Creates the function or replaces all its settings; without code, the present code stays. */
  replace(name: FunctionName, change: FunctionChange): Promise<StoredFunction> {
    return this.#inTurn(() => {
      const present = this.#parts.store.find(name);
      const settings = completeSettings(change.settings ?? {}, undefined);
      return this.#deploy(name, { ...change, settings }, present);
    });
  }

  /** What `update` would make of the code, without changing anything. */
  async preview(name: FunctionName, change: FunctionChange): Promise<StoredFunction> {
    const present = this.#expect(name, change.revision);
    const code = change.code === undefined ? undefined : await this.#parts.code.check(change.code);
    return this.#build(name, present.settings, present.role, code ?? codeOf(present));
  }

  remove(name: FunctionName): Promise<void> {
    return this.#inTurn(() => {
      this.#expect(name, undefined);
      this.#parts.store.remove(name);
      this.#parts.platform.remove(name);
      return Promise.resolve();
    });
  }

  /** At start: gives every stored function to the platform and clears unused code. The result says what could not run. */
  async restore(): Promise<readonly string[]> {
    const { store, code, platform } = this.#parts;
    const problems: string[] = [];
    const stored = store.list();
    await code.removeUnused(new Set(stored.map(({ definition }) => definition.codeSha256)));
    for (const { definition } of stored) {
      if (!(await code.has(definition.codeSha256)))
        problems.push(
          `The code of function ${definition.name} is gone: there is no folder ${definition.codeDirectory}. Deploy it again.`,
        );
      try {
        platform.deploy(definition);
      } catch (error) {
        problems.push(`Function ${definition.name} is stored but cannot run here: ${messageOf(error)}`);
      }
    }
    return problems;
  }

  async #deploy(
    name: FunctionName,
    change: FunctionChange,
    present: StoredFunction | undefined,
  ): Promise<StoredFunction> {
    const { store, code, platform } = this.#parts;
    const settings = completeSettings(change.settings ?? {}, present?.settings);
    const role = change.role ?? present?.role;
    if (change.code === undefined && present === undefined)
      throw new FrugalError("invalid-request", `Function ${name} is new and needs code: give a zip file.`);
    const stored = change.code === undefined ? undefined : await code.add(change.code);
    const next = this.#build(name, settings, role, stored ?? codeOf(present));
    const platformHas = { next: false };
    try {
      store.put(next, () => {
        accept(platform, next.definition);
        platformHas.next = true;
      });
    } catch (error) {
      if (platformHas.next) this.#withdraw(name, present);
      throw error;
    }
    return next;
  }

  /** The platform took a change that could not be stored: gives it back what is stored. */
  #withdraw(name: FunctionName, present: StoredFunction | undefined): void {
    const { platform, store } = this.#parts;
    if (present === undefined) platform.remove(name);
    else platform.deploy({ ...present.definition, revision: store.nextRevision() });
  }

  #build(
    name: FunctionName,
    settings: FunctionSettings,
    role: string | undefined,
    code: StoredCode,
  ): StoredFunction {
    const { store, code: packages, clock } = this.#parts;
    const definition = definitionOf(name, settings, {
      revision: store.nextRevision(),
      codeSha256: code.sha256,
      codeSize: code.size,
      codeDirectory: packages.folderOf(code.sha256),
      lastModified: new Date(clock.wall() * 1000).toISOString(),
    });
    return { definition, settings, role };
  }

  #expect(name: FunctionName, revision: number | undefined): StoredFunction {
    const present = this.#parts.store.find(name);
    if (present === undefined) throw functionNotFound(name);
    if (revision !== undefined && revision !== present.definition.revision)
      throw new FrugalError(
        "conflict",
        `Function ${name} has revision ${present.definition.revision}, not ${revision}: somebody changed it. Read it again.`,
        { details: { revision: present.definition.revision } },
      );
    return present;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** A refusal of the platform is no failure of the store, so it gets its code here. */
function accept(platform: Platform, definition: FunctionDefinition): void {
  try {
    platform.deploy(definition);
  } catch (cause) {
    if (cause instanceof FrugalError) throw cause;
    const message = `Function ${definition.name} cannot be deployed: ${messageOf(cause)}`;
    throw new FrugalError("internal", message, { cause });
  }
}

function codeOf(present: StoredFunction | undefined): StoredCode {
  if (present === undefined) throw new FrugalError("internal", "A function without code is being deployed");
  return { sha256: present.definition.codeSha256, size: present.definition.codeSize };
}

export const functionNotFound = (name: string): FrugalError =>
  new FrugalError(
    "function-not-found",
    `Function not found: ${name}. See the deployed functions: frugal list`,
    {
      details: { function: name },
    },
  );
