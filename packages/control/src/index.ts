export type { Command, StartCause, StopReason } from "./command.ts";
export { Control, type ControlOptions, type FunctionOccupancy } from "./control.ts";
export type { Event } from "./event.ts";
export type { MachineCapacity } from "./route/machine.ts";
export {
  createKeepAlive,
  keepAlivePolicies,
  type KeepAlivePolicyName,
  keepAlivePolicyNames,
} from "./start/keep-alive/index.ts";
export type { KeepAlive, KeepAlivePolicy, RestPlan } from "./start/keep-alive/keep-alive.ts";
