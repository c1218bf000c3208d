/**
 * Workflows on a platform without instances, with a clock that moves when told, on a database that may be left as after kill -9.
 */
import { rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Json } from "@frugal/control";
import { type FunctionName, functionName } from "@frugal/core";
import { type DaemonOptions, resolveConfig } from "../src/config.ts";
import { openDatabase } from "../src/registry/database.ts";
import type { Run } from "../src/workflows/store/run.ts";
import { Workflows } from "../src/workflows/workflows.ts";
import { temporaryFolder } from "./daemon-rig.ts";
import { FakePlatform } from "./fake-platform.ts";
import { ManualClock, turns } from "./manual-clock.ts";

export class WorkflowRig {
  readonly folder = temporaryFolder();
  readonly clock = new ManualClock();
  readonly deployed = new Set<FunctionName>([functionName("resize")]);
  /** What was found wrong with Frugal itself. */
  readonly faults: unknown[] = [];
  platform = new FakePlatform();
  readonly #options: DaemonOptions["workflows"];
  #database: DatabaseSync;
  #workflows: Workflows;

  constructor(options: DaemonOptions["workflows"] = {}) {
    this.#options = options;
    this.#database = openDatabase(this.folder);
    this.#workflows = this.#make();
    this.#workflows.start();
  }

  get workflows(): Workflows {
    return this.#workflows;
  }

  get database(): DatabaseSync {
    return this.#database;
  }

  /** Deploys a workflow of these tasks. */
  async deploy(name: string, tasks: readonly object[], metadata: Json = {}): Promise<void> {
    const [namespace, label] = name.split("/");
    const document = { dsl: "1.0.0", namespace, name: label, version: "0.1.0", metadata };
    await this.#workflows.deployments.put(name, JSON.stringify({ document, do: tasks }));
  }

  /** Starts a run; rejects with the FrugalError that refuses it. */
  start(name: string, input: Json = {}): Promise<Run> {
    return new Promise((resolve, reject) => {
      this.#workflows.runner.start(name, input, (error, run) => {
        if (run === undefined) reject(error ?? new Error("neither started nor refused"));
        else resolve(run);
      });
    });
  }

  /** The run as it is after everything that could happen without time passing. */
  async settled({ id }: Pick<Run, "id">): Promise<Run> {
    for (let i = 0; i < 8; i++) {
      await turns(3);
      this.clock.advance(0);
    }
    const run = this.#workflows.runner.find(id);
    if (run === undefined) throw new Error(`no run ${id}`);
    return run;
  }

  async execute(name: string, input: Json = {}): Promise<Run> {
    return this.settled(await this.start(name, input));
  }

  /** From the commit after the next `commits` on, nothing happens any more: the process died right after one. */
  dieAfter(commits: number): { readonly hasDied: boolean } {
    const database = this.#database;
    const state = { left: commits, hasDied: false };
    const exec = database.exec.bind(database);
    database.exec = (sql) => {
      if (state.hasDied) throw new Error("the process is dead");
      exec(sql);
      if (sql !== "COMMIT" || --state.left > 0) return;
      state.hasDied = true;
      throw new Error("the process died");
    };
    return state;
  }

  /** The process dies where it is: nothing is written any more, and another one starts on what is on disk, on a new platform. */
  async crash(before: (platform: FakePlatform) => void = () => undefined): Promise<void> {
    this.#workflows.stop();
    this.#database.close();
    // What the dead process would still do fails on its closed database and reaches no one.
    this.platform = new FakePlatform();
    before(this.platform);
    await turns();
    this.faults.length = 0;
    this.#database = openDatabase(this.folder);
    this.#workflows = this.#make();
    this.#workflows.start();
  }

  close(): void {
    this.#workflows.close();
    if (this.#database.isOpen) this.#database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #make(): Workflows {
    return new Workflows({
      database: this.#database,
      platform: this.platform,
      functions: { find: (name) => ([...this.deployed].some((known) => known === name) ? {} : undefined) },
      clock: this.clock,
      config: resolveConfig(
        { dataDirectory: this.folder, workflows: { expressionSeconds: 60, ...this.#options } },
        {},
      ).workflows,
      complain: (fault) => this.faults.push(fault),
    });
  }
}
