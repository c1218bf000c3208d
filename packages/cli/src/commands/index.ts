/**
 * Every command, under the headings of the help. A new command is a file and a line here.
 */
import type { CommandSection } from "../program.ts";
import { deleteFunction } from "./functions/delete.ts";
import { deploy } from "./functions/deploy.ts";
import { describeFunction } from "./functions/describe.ts";
import { invoke } from "./functions/invoke.ts";
import { listFunctions } from "./functions/list.ts";
import { logs } from "./functions/logs.ts";
import { calibrate } from "./host/calibrate.ts";
import { doctor } from "./host/doctor.ts";
import { setup } from "./host/setup.ts";
import { pace } from "./pace/pace.ts";
import { demo } from "./platform/demo.ts";
import { status } from "./platform/status.ts";
import { up } from "./platform/up.ts";
import { snapshot } from "./snapshots/snapshot.ts";
import { bench } from "./project/bench.ts";
import { derive } from "./project/derive.ts";
import { test } from "./project/test.ts";
import { verify } from "./project/verify.ts";
import { workflow } from "./workflows/workflow.ts";

export const sections: readonly CommandSection[] = [
  { heading: "Platform:", commands: [up, status, demo] },
  {
    heading: "Functions:",
    commands: [deploy, invoke, listFunctions, describeFunction, logs, deleteFunction],
  },
  { heading: "Workflows:", commands: [workflow, pace] },
  { heading: "Snapshots:", commands: [snapshot] },
  { heading: "This host:", commands: [setup, doctor, calibrate] },
  { heading: "This project:", commands: [test, verify, bench, derive] },
];
