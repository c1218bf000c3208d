/**
 * What all runs share: the time, the commands of the turn, the timer, and the order in which strands go on.
 */
import { plus, scaled, type Seconds, seconds } from "@frugal/core";
import { Timers } from "../../timers.ts";
import { Evaluator } from "../data/evaluator.ts";
import type { FlowCommand } from "../flow-command.ts";
import { type FlowLimits, type FlowOptions, usualFlowLimits } from "../flow-options.ts";
import type { CloudEvent, StepNumber } from "../step.ts";
import type { Scheduler, Strand } from "./strand.ts";

/** An entry of the agenda; without action once nobody waits for it. */
interface Alarm {
  ring: (() => void) | undefined;
}

/** Is offered every event that comes in. */
export type Listener = (event: CloudEvent) => void;

export class Engine implements Scheduler {
  readonly options: FlowOptions;
  readonly limits: FlowLimits;
  readonly evaluator: Evaluator;
  readonly #timers = new Timers<Alarm>();
  readonly #listeners = new Set<Listener>();
  #ready: Strand[] = [];
  #commands: FlowCommand[] = [];
  #armed = seconds(Infinity);
  #now = seconds(0);
  #turn = 0;

  constructor(options: FlowOptions) {
    this.options = options;
    this.limits = { ...usualFlowLimits, ...options.limits };
    this.evaluator = new Evaluator(options.expressions);
  }

  get now(): Seconds {
    return this.#now;
  }

  /** Number of the turn: of the call of `handle`. */
  get turn(): number {
    return this.#turn;
  }

  /** Whether this turn has taken so long that others are to go first. */
  get isTurnLong(): boolean {
    return this.#turnTaken > this.limits.turn;
  }

  /** How long from the beginning of this turn a run pauses: others need some turns of their own after a long one. */
  get pause(): Seconds {
    return this.isTurnLong ? plus(this.#turnTaken, scaled(this.limits.turn, 0.5)) : seconds(0);
  }

  get #turnTaken(): Seconds {
    return seconds((this.options.timeInTurn?.() ?? this.#now) - this.#now);
  }

  begin(now: Seconds): void {
    this.#now = now;
    this.#turn++;
  }

  /** Lets everything go on that can, and takes the commands that come of it. */
  finish(): readonly FlowCommand[] {
    // Stepping makes more ready: they are stepped too.
    for (const strand of this.#ready) strand.step();
    this.#ready = [];
    this.#arm();
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  schedule(strand: Strand): void {
    this.#ready.push(strand);
  }

  say(command: FlowCommand): void {
    this.#commands.push(command);
  }

  /** Takes back a command that was not given out yet; whether there was one. */
  unsay(isMeant: (command: FlowCommand) => boolean): boolean {
    const index = this.#commands.findLastIndex(isMeant);
    if (index !== -1) this.#commands.splice(index, 1);
    return index !== -1;
  }

  /** Calls `ring` in the first turn of the timer not before `at`, never in this one. Returns how to call it off. */
  alarm(at: Seconds, ring: () => void): () => void {
    const alarm: Alarm = { ring };
    this.#timers.set(at, alarm);
    return () => {
      alarm.ring = undefined;
    };
  }

  /** Rings what is due. What is set while that goes on is left for the next time, so no run keeps the turn for itself. */
  timerFired(): void {
    this.#armed = seconds(Infinity);
    const due: Alarm[] = [];
    for (let alarm = this.#timers.takeDue(this.#now); alarm; alarm = this.#timers.takeDue(this.#now))
      due.push(alarm);
    for (const alarm of due) alarm.ring?.();
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  eventReceived(event: CloudEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #arm(): void {
    const { earliest } = this.#timers;
    if (earliest >= this.#armed) return;
    this.#armed = earliest;
    this.say({ kind: "set-timer", at: earliest });
  }
}

/** Numbers of steps by life and order within it, as one number that is exact. */
export const stepNumber = (life: number, order: number): StepNumber => (life * 2 ** 32 + order) as StepNumber;
