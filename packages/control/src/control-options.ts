import type { PaceOptions } from "./pace/pace.ts";
import type { EnergyCoefficients } from "./start/energy-coefficients.ts";
import type { KeepAlivePolicyName } from "./start/keep-alive/index.ts";
import type { StartPolicyName } from "./start/start-policy/index.ts";

/** How a control plane decides. */
export interface ControlOptions {
  readonly keepAlive: KeepAlivePolicyName;
  /** Options of the policy by name; see the registry for their defaults. */
  readonly keepAliveOptions?: Readonly<Record<string, number>>;
  /** How instances are started; the cheapest way that is in time, unless told otherwise. */
  readonly startPolicy?: StartPolicyName;
  readonly startPolicyOptions?: Readonly<Record<string, number>>;
  /** What processor time and memory of the machines draw; figures of usual servers, unless told otherwise. */
  readonly energy?: EnergyCoefficients;
  /** How the clocks of machines that have any are set; undefined: not at all. */
  readonly pace?: PaceOptions;
  /** Most invocations waiting over all functions; more are refused. */
  readonly maxWaiting: number;
}
