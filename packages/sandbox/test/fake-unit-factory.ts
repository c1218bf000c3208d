import type { UnitFactory, UnitSpec } from "../src/unit/unit.ts";
import { FakeUnit } from "./fake-unit.ts";

/** Makes units in which nothing runs, and remembers what they were to be. */
export class FakeUnitFactory implements UnitFactory {
  readonly isolation = { kind: "isolated" } as const;
  readonly limitations = [];
  readonly canPin = true;
  readonly folder = undefined;
  readonly units: FakeUnit[] = [];
  readonly specs: UnitSpec[] = [];
  isClosed = false;
  /** Thrown by the next launches. */
  problem: Error | undefined;
  readonly #prepare: (unit: FakeUnit, spec: UnitSpec) => void;

  /** `prepare` gets each unit before who launched it. */
  constructor(prepare: (unit: FakeUnit, spec: UnitSpec) => void = () => undefined) {
    this.#prepare = prepare;
  }

  launch(spec: UnitSpec): FakeUnit {
    if (this.problem !== undefined) throw this.problem;
    const unit = new FakeUnit();
    this.units.push(unit);
    this.specs.push(spec);
    unit.isClone = spec.image !== undefined;
    this.#prepare(unit, spec);
    return unit;
  }

  get latest(): FakeUnit {
    const unit = this.units.at(-1);
    if (unit === undefined) throw new Error("no unit was launched");
    return unit;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}
