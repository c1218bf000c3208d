import { constants } from "node:os";

const names = new Map<number, string>(
  Object.entries(constants.signals).map(([name, number]) => [number, name]),
);

/** `SIGKILL` for 9; real-time signals have no name of their own. */
export const signalName = (signal: number): string => names.get(signal) ?? `SIG${signal}`;
