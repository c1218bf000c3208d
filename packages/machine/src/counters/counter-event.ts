/**
 * The events that can be counted: those of the processor's own counters, and those that the kernel counts itself.
 */

interface EventPlan {
  /** Of the processor's counters, of which there are few: the kernel may share them out over time. */
  readonly isHardware: boolean;
  /** `type` and `config` of perf_event_attr(2). */
  readonly type: number;
  readonly config: number;
  /** Events of one group are counted over the same time, so that their proportions hold. */
  readonly group: number;
  /** What one count is in the event's unit. */
  readonly unit: number;
}

const HARDWARE = 0;
const SOFTWARE = 1;

const hardware = (config: number, group: number): EventPlan => ({
  isHardware: true,
  type: HARDWARE,
  config,
  group,
  unit: 1,
});
const software = (config: number, unit = 1): EventPlan => ({
  isHardware: false,
  type: SOFTWARE,
  config,
  group: 2,
  unit,
});

/** Four fit on every processor at once; processors that count stalls often need a fifth and a sixth counter for them. */
export const eventPlans = {
  cycles: hardware(0, 0),
  instructions: hardware(1, 0),
  /** Of the last level. */
  cacheReferences: hardware(2, 0),
  cacheMisses: hardware(3, 0),
  /** Cycles without a new instruction, for lack of instructions (front end) or of what they wait for (back end). */
  stalledFrontend: hardware(7, 1),
  stalledBackend: hardware(8, 1),
  /** Seconds on a processor. */
  taskClock: software(1, 1e-9),
  /** Minor and major. */
  pageFaults: software(2),
  contextSwitches: software(3),
} as const satisfies Record<string, EventPlan>;

export type CounterEvent = keyof typeof eventPlans;

export const counterEvents = Object.keys(eventPlans) as readonly CounterEvent[];

/** `events` in the groups that they are counted in. */
export function groupedEvents(events: readonly CounterEvent[]): readonly (readonly CounterEvent[])[] {
  const groups = new Map<number, CounterEvent[]>();
  for (const event of events) {
    const { group } = eventPlans[event];
    groups.set(group, [...(groups.get(group) ?? []), event]);
  }
  return [...groups.values()];
}
