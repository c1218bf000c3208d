/**
 * A unit's task for the native init: the command that it runs, or the image that it restores.
 */
import { furnishingRecords } from "./root-file-system.ts";
import type { PlanRecord } from "./plan.ts";
import type { UnitConnection, UnitImage, UnitSpec } from "../unit.ts";

/** `user` is the numeric user that the command runs as. */
export const taskRecords = (spec: UnitSpec, user: number): readonly PlanRecord[] => [
  ["task", spec.image === undefined ? "run" : "restore"],
  ["temporary-storage", spec.limits.temporaryStorage],
  ...furnishingRecords(spec.id, spec.mounts),
  ...(spec.listenOn === undefined ? [] : [["listen", spec.listenOn] as const]),
  ...(spec.image === undefined ? runRecords(spec, user) : restoreRecords(spec.image)),
];

const runRecords = (spec: UnitSpec, user: number): readonly PlanRecord[] => [
  ...(spec.isTemplate === true ? [["template", 1] as const] : []),
  ["directory", spec.workingDirectory],
  ["user", user],
  ["open-files", spec.limits.openFiles],
  ...spec.command.map((argument): PlanRecord => ["argument", argument]),
  ...Object.entries(spec.environment).map(([name, value]): PlanRecord => ["environment", `${name}=${value}`]),
];

const restoreRecords = ({ folder, sockets, connections, pager }: UnitImage): readonly PlanRecord[] => [
  ["image", folder],
  ...sockets.flatMap((inode, index): readonly PlanRecord[] =>
    inode === 0 ? [] : [["inherit", index + 1, `socket:[${inode}]`]],
  ),
  ...connections.map(connectionRecord),
  ...(pager === undefined ? [] : [["pager", pager.socket] as const, ...sessionRecords(pager.records)]),
];

const connectionRecord = (connection: UnitConnection): PlanRecord => [
  "connection",
  connection.address,
  connection.port,
  connection.sent,
  connection.received,
  connection.options,
  connection.segmentSize,
  connection.sendScale,
  connection.receiveScale,
  connection.timestamp,
  connection.sendWindow,
  connection.receiveWindow,
  connection.unanswered,
];

const sessionRecords = (records: readonly (readonly [string, string])[]): readonly PlanRecord[] =>
  records.map(([name, value]) => ["session", name, value]);
