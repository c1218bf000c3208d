/** What a fake of the platform answers. */
export interface FakeReply {
  readonly status?: number;
  /** A string is sent as it is, everything else as JSON. */
  readonly body?: unknown;
}
