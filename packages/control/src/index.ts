export type { Command, StartCause, StopReason } from "./command.ts";
export { Control, type ControlOptions, type FunctionOccupancy } from "./control.ts";
export type { Event } from "./event.ts";
export type { MachineCapacity } from "./route/machine.ts";
export { type EnergyCoefficients, usualCoefficients } from "./start/energy-coefficients.ts";
export {
  createKeepAlive,
  keepAlivePolicies,
  type KeepAlivePolicyName,
  keepAlivePolicyNames,
} from "./start/keep-alive/index.ts";
export type { KeepAlive, KeepAlivePolicy, RestCosts, RestPlan } from "./start/keep-alive/keep-alive.ts";
export {
  createStartPolicy,
  startPolicies,
  type StartPolicyName,
  startPolicyNames,
} from "./start/start-policy/index.ts";
export type {
  StartOption,
  StartPolicy,
  StartPolicyDefinition,
  StartPrediction,
  StartSituation,
} from "./start/start-policy/start-policy.ts";
