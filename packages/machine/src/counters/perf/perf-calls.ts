/**
 * The system calls that counting takes: a port, so that tests can play a processor.
 */

/** Where events are counted, as perf_event_open(2) takes it. */
export interface PerfPlace {
  /** Of a thread, or with the flag for it the descriptor of a cgroup's folder. */
  readonly pid: number;
  /** -1 for any, where a thread is given. */
  readonly cpu: number;
  readonly flags: number;
}

export interface PerfCalls {
  /**
   * perf_event_open(2): a descriptor, or the negative error number. `attribute` is a struct perf_event_attr; `leader` is -1
   * for an event that begins a group.
   */
  open(attribute: Buffer, place: PerfPlace, leader: number): number;
  /** Fills `into` from the start; the number of bytes, 0 where there are none. */
  read(descriptor: number, into: Uint8Array): number;
  close(descriptor: number): void;
}

export type PerfAccess =
  | { readonly kind: "available"; readonly calls: PerfCalls }
  | { readonly kind: "unavailable"; readonly reason: string };
