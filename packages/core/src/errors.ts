/**
 * The error catalogue: every condition that Frugal reports, by code, in three groups.
 *
 * The group answers what the reader needs first: can the user mend it (`user`), is something outside Frugal missing or
 * broken (`environment`), or is it our fault (`internal`)? Exit code and HTTP status follow from the entry, and so does
 * whether the same call may succeed later (`retryable`). Expected outcomes (a refused invocation, a meter that is not
 * there) are returned as values, not thrown.
 *
 * Messages say what was wrong, where, and what to do next: `docs/errors.md` lists exactly these codes (a test holds it).
 */
export type ErrorGroup = "user" | "environment" | "internal";

interface CatalogueEntry {
  readonly group: ErrorGroup;
  /** HTTP status that an API answers with. */
  readonly status: number;
  /** Whether the same call may succeed later, unchanged. */
  readonly retryable: boolean;
  readonly meaning: string;
}

export const errorCatalogue = {
  "invalid-request": {
    group: "user",
    status: 400,
    retryable: false,
    meaning: "A request, flag or file has a wrong value",
  },
  "invalid-manifest": {
    group: "user",
    status: 400,
    retryable: false,
    meaning: "A frugal.yaml cannot be used as it is",
  },
  "invalid-package": {
    group: "user",
    status: 400,
    retryable: false,
    meaning: "A code package is broken, unsafe or too large",
  },
  "invalid-trace": {
    group: "user",
    status: 400,
    retryable: false,
    meaning: "A trace file has rows that cannot be read",
  },
  "deadline-infeasible": {
    group: "user",
    status: 422,
    retryable: false,
    meaning: "No clocks are high enough for this deadline",
  },
  "invalid-workflow": {
    group: "user",
    status: 400,
    retryable: false,
    meaning: "A workflow's definition cannot be used as it is",
  },
  unauthorized: { group: "user", status: 403, retryable: false, meaning: "The API key is missing or wrong" },
  "function-not-found": {
    group: "user",
    status: 404,
    retryable: false,
    meaning: "No function has this name",
  },
  "workflow-not-found": {
    group: "user",
    status: 404,
    retryable: false,
    meaning: "No workflow has this name",
  },
  "run-not-found": {
    group: "user",
    status: 404,
    retryable: false,
    meaning: "No run has this id, or it is forgotten by now",
  },
  "not-found": { group: "user", status: 404, retryable: false, meaning: "The named thing does not exist" },
  "function-exists": {
    group: "user",
    status: 409,
    retryable: false,
    meaning: "A function of this name exists already",
  },
  conflict: {
    group: "user",
    status: 409,
    retryable: false,
    meaning: "The thing was changed by somebody else in the meantime",
  },
  "snapshot-failed": {
    group: "user",
    status: 409,
    retryable: false,
    meaning: "A function's settings, or what it does, keep it from being snapshotted",
  },
  "payload-too-large": {
    group: "user",
    status: 413,
    retryable: false,
    meaning: "A payload is over the limit",
  },
  overloaded: {
    group: "environment",
    status: 429,
    retryable: true,
    meaning: "The platform refuses work that it could not finish in time",
  },
  "function-too-large": {
    group: "user",
    status: 400,
    retryable: false,
    meaning: "A function needs more than the machine has",
  },
  "function-failed": {
    group: "user",
    status: 200,
    retryable: false,
    meaning: "The function's code reported an error",
  },
  "function-crashed": {
    group: "user",
    status: 200,
    retryable: false,
    meaning: "The function's process ended during an invocation",
  },
  "function-timeout": {
    group: "user",
    status: 200,
    retryable: false,
    meaning: "An invocation ran over its timeout",
  },
  "out-of-memory": {
    group: "user",
    status: 200,
    retryable: false,
    meaning: "A function used more memory than its limit",
  },
  "init-failed": {
    group: "user",
    status: 200,
    retryable: false,
    meaning: "A function could not be initialised",
  },
  "init-timeout": {
    group: "user",
    status: 200,
    retryable: false,
    meaning: "A function's initialisation ran over its timeout",
  },
  "result-too-large": {
    group: "user",
    status: 200,
    retryable: false,
    meaning: "A function returned more than the limit",
  },
  "queue-timeout": {
    group: "environment",
    status: 504,
    retryable: true,
    meaning: "An invocation waited for its turn over its total timeout",
  },
  "shutting-down": {
    group: "environment",
    status: 503,
    retryable: true,
    meaning: "The platform is draining and takes no new work",
  },
  "runtime-missing": {
    group: "environment",
    status: 400,
    retryable: false,
    meaning: "This host lacks a function's runtime",
  },
  "host-unsupported": {
    group: "environment",
    status: 500,
    retryable: false,
    meaning: "This host lacks what the operation needs",
  },
  "snapshot-unusable": {
    group: "environment",
    status: 503,
    retryable: true,
    meaning: "A snapshot cannot be made, or cannot be restored here",
  },
  "clocks-unavailable": {
    group: "environment",
    status: 409,
    retryable: false,
    meaning: "The clocks of this machine cannot be set",
  },
  "instance-lost": {
    group: "environment",
    status: 503,
    retryable: true,
    meaning: "The platform lost an instance through no fault of its function",
  },
  unreachable: {
    group: "environment",
    status: 503,
    retryable: true,
    meaning: "No platform answers at the given address",
  },
  "storage-failed": {
    group: "environment",
    status: 507,
    retryable: true,
    meaning: "The disk is full or the store cannot be written",
  },
  internal: { group: "internal", status: 500, retryable: true, meaning: "A fault of Frugal itself" },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

/** Plain data about an error, as it crosses processes and appears in JSON. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An error of the catalogue. `message` has the whole text for people; `details` the same facts as data. */
export class FrugalError extends Error {
  override readonly name = "FrugalError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get group(): ErrorGroup {
    return errorCatalogue[this.code].group;
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }

  get retryable(): boolean {
    return errorCatalogue[this.code].retryable;
  }

  toReport(): ErrorReport {
    return { code: this.code, message: this.message, details: this.details };
  }
}

/** Exit codes of the command line (sysexits.h where it has one): user 2, environment 69, internal 70. */
export const exitCodeOf: Readonly<Record<ErrorGroup, number>> = { user: 2, environment: 69, internal: 70 };

/** What `thrown` says, whatever was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** For the default branch of a switch over a union: does not compile when a variant is missing. */
export function unreachable(variant: never): never {
  throw new FrugalError("internal", `Unexpected variant: ${JSON.stringify(variant)}`);
}
