/**
 * struct perf_event_attr, as far as counting needs it.
 */

/** PERF_ATTR_SIZE_VER0: every kernel knows it, and all that is set here is in it. */
const SIZE = 64;

/** TOTAL_TIME_ENABLED, TOTAL_TIME_RUNNING, GROUP: what `PerfGroup` reads. */
const READ_FORMAT = 1 | 2 | 8;
const INHERIT = 1 << 1;

interface PerfAttribute {
  readonly type: number;
  readonly config: number;
  /** Whether threads and processes that are started later are counted, too. */
  readonly inherit: boolean;
}

export function perfAttribute({ type, config, inherit }: PerfAttribute): Buffer {
  const attribute = Buffer.alloc(SIZE);
  attribute.writeUInt32LE(type, 0);
  attribute.writeUInt32LE(SIZE, 4);
  attribute.writeBigUInt64LE(BigInt(config), 8);
  attribute.writeBigUInt64LE(BigInt(READ_FORMAT), 32);
  attribute.writeUInt32LE(inherit ? INHERIT : 0, 40);
  return attribute;
}
