/**
 * A platform that starts one plain instance, prints the pid of its process, and is killed.
 */
import { writeSync } from "node:fs";
import { LocalSandbox } from "../src/local-sandbox.ts";
import type { InstanceSpec } from "../src/instance-spec.ts";
import { openUnitFactory } from "../src/unit/factory.ts";
import { FakeClock } from "./fake-clock.ts";
import { InstanceDriver } from "./instance-driver.ts";

const [runtime, codeDirectory] = process.argv.slice(2) as [InstanceSpec["runtime"], string];
const sandbox = new LocalSandbox({
  units: await openUnitFactory({ isolation: "none" }),
  clock: new FakeClock(),
});
const instance = new InstanceDriver(sandbox, { runtime, codeDirectory });
writeSync(1, String(await instance.call({ do: "pid" })));
process.kill(process.pid, "SIGKILL");
