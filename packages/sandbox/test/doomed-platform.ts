/**
 * A platform that starts two units, says so, and waits to be killed.
 */
import { openUnitFactory } from "../src/unit/factory.ts";
import { shell, unitSpec } from "./unit-spec.ts";

const units = await openUnitFactory();
const launched = [
  unitSpec(shell("setsid sleep 62 & sleep 62")),
  unitSpec(["/bin/sleep", "62"], { network: { kind: "egress", allow: ["10.1.2.3:5432"] } }),
].map((spec) => units.launch(spec).launched);
await Promise.all(launched);
console.log("ready");
