/**
 * Where the control plane's clock commands meet the hardware, and where somebody outside may take the clocks over for a while:
 * a control plane on another machine, or a calibration.
 *
 * Invariants (cited by the tests):
 *   K1  while somebody outside holds the clocks, commands are noted and nothing is set; afterwards all that was noted is set
 *   K2  a hold that is not renewed ends by itself
 *   K3  what is said of processors' clocks is the worst of the last commands for their domains, whatever others came since
 */
import type { StagePace } from "@frugal/control";
import type { Clock, ClockDomain, ClockOutcome, ClockPort, Hertz, Seconds } from "@frugal/core";
import { plus } from "@frugal/core";
import type { ClockState, PaceFacts } from "./pace-facts.ts";

/** One clock to be set from outside. */
export interface ClockOrder {
  readonly kind: "core" | "uncore";
  readonly domain: number;
  readonly clock: Hertz;
}

/** The worst last. */
const severity: readonly ClockState[] = ["left", "set", "dry-run", "failed"];

interface Wanted {
  readonly order: ClockOrder;
  state: ClockState;
}

export class ClockDesk {
  readonly port: ClockPort;
  readonly #clock: Clock;
  /** By domain, the last command of the control plane and how it went. */
  readonly #wanted = { core: new Map<number, Wanted>(), uncore: new Map<number, Wanted>() };
  #endHold: (() => void) | undefined;
  #isClosed = false;

  constructor(port: ClockPort, clock: Clock) {
    this.port = port;
    this.#clock = clock;
  }

  /** Whether somebody outside drives the clocks. */
  get isHeld(): boolean {
    return this.#endHold !== undefined;
  }

  /** Whether the commands so far for the domains of `cpus` are in force; undefined: for all domains. */
  stateOf(cpus: readonly number[] | undefined): ClockState {
    if (this.isHeld) return "held";
    const { core, uncore } = this.port.clocks;
    return worse(stateAmong(core, this.#wanted.core, cpus), stateAmong(uncore, this.#wanted.uncore, cpus));
  }

  /** How an invocation on `cpus` is paced that is dispatched now. */
  factsOf(pace: StagePace | undefined, cpus: readonly number[] | undefined): PaceFacts | undefined {
    if (pace === undefined) return undefined;
    return { ...pace, state: pace.inForce === undefined ? "left" : this.stateOf(cpus) };
  }

  /** A command of the control plane. */
  carryOut(order: ClockOrder): void {
    const state = this.isHeld ? "left" : this.#set(order).kind;
    this.#wanted[order.kind].set(order.domain, { order, state });
  }

  /** Sets clocks for somebody outside, who holds all of them from now on, until `release` or for the time `lease`. */
  hold(orders: readonly ClockOrder[], lease: Seconds): readonly ClockOutcome[] {
    const outcomes = orders.map((order) => this.#set(order));
    if (this.#isClosed) return outcomes;
    this.#endHold?.();
    this.#endHold = this.#clock.at(plus(this.#clock.now(), lease), () => this.release());
    return outcomes;
  }

  /** The clocks are the control plane's again. Idempotent. */
  release(): void {
    if (this.#endHold === undefined) return;
    this.#endHold();
    this.#endHold = undefined;
    this.port.restore();
    for (const wanted of [...this.#wanted.core.values(), ...this.#wanted.uncore.values()])
      wanted.state = this.#set(wanted.order).kind;
  }

  /** Puts the clocks back; nothing is set any more. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#endHold?.();
    this.#endHold = undefined;
    this.port.close();
  }

  #set({ kind, domain, clock }: ClockOrder): ClockOutcome {
    return kind === "core" ? this.port.setCore(domain, clock) : this.port.setUncore(domain, clock);
  }
}

function stateAmong(
  domains: readonly ClockDomain[],
  wanted: ReadonlyMap<number, Wanted>,
  cpus: readonly number[] | undefined,
): ClockState {
  let worst: ClockState = "left";
  for (const domain of domains) {
    if (cpus !== undefined && !cpus.some((cpu) => domain.cpus.includes(cpu))) continue;
    worst = worse(worst, wanted.get(domain.id)?.state ?? "left");
  }
  return worst;
}

const worse = (one: ClockState, other: ClockState): ClockState =>
  severity.indexOf(other) > severity.indexOf(one) ? other : one;
