/**
 * One restore of a snapshot, from the check of its files to the release after the clone has ended.
 */
import { FrugalError, type StartKind } from "@frugal/core";
import type { UnitConnection, UnitImage, UnitSockets } from "../../unit/unit.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Pager, PagingMode, PagingSession, Touched } from "../pager/pager.ts";
import type { StoredSnapshot } from "../stored-snapshot.ts";

/** Pages that a fault beyond the working set brings in: most of them have neighbours that are needed, too. */
const FAULT_AROUND = 16;

/** Kinds of starts that restore an image. */
export type RestoreKind = Exclude<StartKind, "boot">;

export interface RestoreParts {
  readonly catalogue: Catalogue;
  readonly pager: Pager;
  readonly snapshot: StoredSnapshot;
  readonly sockets: UnitSockets;
  readonly connections: readonly UnitConnection[];
}

export class Restore {
  readonly kind: RestoreKind;
  readonly image: UnitImage;
  readonly #snapshot: StoredSnapshot;
  readonly #session: PagingSession | undefined;
  readonly #mode: PagingMode | undefined;
  readonly #letGo: () => Promise<void>;

  private constructor(
    { snapshot, sockets, connections }: RestoreParts,
    kind: RestoreKind,
    served: { readonly mode: PagingMode; readonly session: PagingSession } | undefined,
    letGo: () => Promise<void>,
  ) {
    this.kind = kind;
    this.#snapshot = snapshot;
    this.#session = served?.session;
    this.#mode = served?.mode;
    this.#letGo = letGo;
    this.image = { folder: snapshot.folder, sockets, connections, pager: served?.session };
  }

  /** FrugalError snapshot-unusable where the snapshot is gone, damaged, or has no pager. */
  static async prepare(parts: RestoreParts, kind: RestoreKind, useMemory = true): Promise<Restore> {
    const { catalogue, pager, snapshot } = parts;
    const letGo = catalogue.retain(snapshot.id);
    const verification = await catalogue.verify(snapshot.id);
    if (letGo === undefined || verification.kind === "refused") {
      await letGo?.();
      const reason = verification.kind === "refused" ? verification.reason : "it was removed";
      throw new FrugalError("snapshot-unusable", `The snapshot ${snapshot.id} is refused: ${reason}`);
    }
    const mode = pagingMode(kind, snapshot, useMemory);
    if (mode === undefined) return new Restore(parts, kind, undefined, letGo);
    try {
      const { fileRanges } = snapshot;
      const image = snapshot.folder;
      const session = await pager.open({ image, mode, ...(fileRanges !== undefined && { fileRanges }) });
      return new Restore(parts, kind, { mode, session }, letGo);
    } catch (error) {
      await letGo();
      throw error;
    }
  }

  /** What the clone's first invocation has touched beyond what was installed; the working set learns from it. */
  async learn(): Promise<Touched | undefined> {
    const touched = await this.#session?.touched().catch(() => undefined);
    if (touched === undefined || this.#mode === undefined) return undefined;
    if (this.#mode.kind === "prefetch") this.#snapshot.restored(touched.pages);
    else if (this.#mode.kind === "record") this.#snapshot.recorded(touched.pages);
    return touched;
  }

  /** To be called when the clone has ended, or never came to be. Idempotent. */
  async release(): Promise<void> {
    this.#session?.abandon();
    await this.#letGo();
  }
}

/** Undefined: all pages are read before the clone runs. */
function pagingMode(kind: RestoreKind, snapshot: StoredSnapshot, useMemory: boolean): PagingMode | undefined {
  switch (kind) {
    case "phase":
    case "eager":
      return undefined;
    case "lazy":
      return { kind: "lazy", faultAround: 1 };
    case "prefetch": {
      const { workingSet } = snapshot;
      if (workingSet === undefined) return { kind: "record" };
      return {
        kind: "prefetch",
        workingSet: useMemory ? workingSet : unkept(workingSet),
        faultAround: FAULT_AROUND,
      };
    }
    default:
      return kind satisfies never;
  }
}

/** Another path of the same file: the pager knows what it keeps in memory by its path. */
const unkept = (path: string): string => path.replace(/\/([^/]*)$/, "/./$1");
