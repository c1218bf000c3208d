/**
 * What is known of one function's templates: whether there may be another, and when.
 */
import type { Seconds } from "@frugal/core";
import type { Instance } from "./instance.ts";

export class TemplateRecord {
  /** The one that holds resources now. */
  instance: Instance | undefined;
  /** Whether an invocation of this revision succeeded: there is something to warm a template up with. */
  hasSucceeded = false;
  /** Templates of this revision, one after the other, that no snapshot came of. */
  failures = 0;
  /** Templates, one after the other, that had to make way. */
  evictions = 0;
  /** Looks in a row that found no room or no quiet. */
  looks = 0;
  /** No template before this. */
  notBefore = 0;
  /** Time of the look that the agenda holds. */
  check: Seconds | undefined;

  /** A new revision. */
  reset(): void {
    this.hasSucceeded = false;
    this.failures = 0;
    this.evictions = 0;
    this.looks = 0;
    this.notBefore = 0;
  }
}
