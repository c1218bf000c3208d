export { hostArchitecture } from "./host/architecture.ts";
export { LocalSandbox } from "./local-sandbox.ts";
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
export { isolationProblem, openUnitFactory } from "./unit/factory.ts";
export { buildNativeInit, isNativeInitBuilt, nativeInitPath } from "./unit/native-init.ts";
