import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mebibytes, seconds } from "@frugal/core";
import type { InstanceSpec } from "../src/instance-spec.ts";
import type { Catalogue } from "../src/snapshot/catalogue/catalogue.ts";
import { HostSnapshots } from "../src/snapshot/host-snapshots.ts";
import { HotSets } from "../src/snapshot/hot-sets.ts";
import { Identity } from "../src/snapshot/identity.ts";
import { dumpFake } from "./fake-clone-image.ts";
import { FakePager } from "./fake-pager.ts";
import { FakeHost } from "./fake-snapshot.ts";
import type { FakeUnit } from "./fake-unit.ts";
import { FakeUnitFactory } from "./fake-unit-factory.ts";
import { instanceSpec } from "./instance-spec.ts";
import { ObedientRuntime } from "./obedient-runtime.ts";

/** A function that is warmed up twice. */
export const snapshotSpec = (changes: Partial<InstanceSpec> = {}): InstanceSpec =>
  instanceSpec({ id: "t", codeSha256: "c0de", environment: { COLOUR: "red" }, ...changes });

export const twice = { count: 2, payloads: [Buffer.from("1"), Buffer.from("2")] };

/** A host on which everything about snapshots is real but units, runtimes and the pager. */
export class SnapshotWorld {
  readonly root = mkdtempSync(join(tmpdir(), "frugal-snapshots-"));
  readonly host = new FakeHost(this.root);
  readonly pager = new FakePager();
  readonly runtime = new ObedientRuntime();
  readonly complaints: string[] = [];
  /** Called for each unit before it can run. */
  whenLaunched: (unit: FakeUnit) => void = () => undefined;
  readonly units = new FakeUnitFactory((unit) => {
    unit.endsWhenKilled = true;
    unit.whenDumped = (folder) => {
      dumpFake(folder);
      queueMicrotask(() => unit.exit({ kind: "exited", code: 0 }));
      return Promise.resolve([11, 12, 13]);
    };
    this.whenLaunched(unit);
    unit.launch(seconds(0));
  });

  /** As a platform does that starts. */
  async open(sizeLimit = mebibytes(64)): Promise<{ catalogue: Catalogue; snapshots: HostSnapshots }> {
    const { runtime, units, pager } = this;
    const catalogue = await this.host.open({ sizeLimit });
    const snapshots = new HostSnapshots({
      units,
      runtimes: { nodejs: runtime, python3: runtime, provided: runtime },
      clock: this.host.clock,
      catalogue,
      pager,
      hotSets: new HotSets(pager, mebibytes(16)),
      identity: new Identity("4.1.1"),
      complain: (line) => this.complaints.push(line),
    });
    return { catalogue, snapshots };
  }

  /** What is left in the root beside snapshots. */
  get leftovers(): readonly string[] {
    return readdirSync(this.root).filter((name) => !/^[0-9a-f]{32}$|^use\.json$/.test(name));
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}
