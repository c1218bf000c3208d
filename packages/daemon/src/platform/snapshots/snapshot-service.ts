/**
 * The host's snapshots as the HTTP API and the metrics see them. Templates that the platform starts on its own account are
 * counted here too.
 */
import type { FunctionName } from "@frugal/core";
import type { BuildResult, SnapshotDetails, SnapshotSummary } from "@frugal/sandbox";

export interface SnapshotService {
  /** Why no function can be snapshotted on this host; undefined where functions can. */
  problem(): string | undefined;
  list(): readonly SnapshotSummary[];
  /** Undefined where there is none. */
  inspect(id: string): Promise<SnapshotDetails | undefined>;
  /** Makes a snapshot of a deployed function now, or joins the template that is at it. Never rejects. */
  build(name: FunctionName): Promise<BuildResult>;
  /** False where there is none. Instances that were started from it go on. */
  remove(id: string): Promise<boolean>;
  /** Templates that have ended since the platform started, by their result. */
  builds(): Readonly<Record<BuildResult["kind"], number>>;
}
