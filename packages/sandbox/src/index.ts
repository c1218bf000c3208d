export type {
  FunctionError,
  Instance,
  InstanceEnd,
  InstanceListener,
  InstanceSpec,
  InvokeOutcome,
  InvokeRequest,
  LogStream,
  Sandbox,
} from "./sandbox.ts";
export type { Isolation, Unit, UnitExit, UnitFactory, UnitLimits, UnitSpec } from "./unit/unit.ts";
