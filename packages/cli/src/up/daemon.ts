/**
 * The platform as `frugal up` runs it in this process.
 */

/** What flags say of the platform; what is undefined comes from its environment variables or its defaults. */
export interface DaemonWishes {
  readonly dataDirectory: string;
  readonly host: string | undefined;
  /** 0 for any free one. */
  readonly port: number | undefined;
  readonly auth: false | undefined;
  readonly capacity: { readonly cores: number | undefined; readonly memoryBytes: number | undefined };
  /** What decides how long idle instances stay. */
  readonly keepAlive: {
    readonly policy: string | undefined;
    /** The policy's own options. */
    readonly options?: Readonly<Record<string, number>> | undefined;
  };
  /** What decides how instances are started. */
  readonly startPolicy: string | undefined;
  /** What decides at which clocks stages run. */
  readonly pace: {
    readonly policy: string | undefined;
    readonly clocks: string | undefined;
    readonly model: string | undefined;
  };
  readonly snapshots: {
    readonly sizeBytes: number | undefined;
    readonly reserve: number | undefined;
    readonly hotBytes: number | undefined;
  };
}

export interface RunningDaemon {
  readonly url: string;
  readonly apiKey: string | undefined;
  /** What this host cannot enforce or measure, one sentence each. */
  readonly limitations: readonly string[];
  /** Takes no new work, lets running invocations finish, stops everything. */
  close(): Promise<void>;
}

export type RunDaemon = (wishes: DaemonWishes) => Promise<RunningDaemon>;
