export { hostArchitecture } from "./host/architecture.ts";
export { LocalSandbox } from "./local-sandbox.ts";
export { openSandbox, type SandboxOptions } from "./open-sandbox.ts";
export type { InstanceSpec } from "./instance-spec.ts";
export type {
  FunctionError,
  Instance,
  InstanceEnd,
  InstanceListener,
  InstanceStart,
  InvocationUsage,
  InvokeOutcome,
  InvokeRequest,
  LogStream,
  Sandbox,
} from "./sandbox.ts";
export type { Isolation, Unit, UnitExit, UnitFactory, UnitLimits, UnitSpec } from "./unit/unit.ts";
export { isolationProblem, openUnitFactory } from "./unit/factory.ts";
export { buildNativePrograms, areNativeProgramsBuilt, nativeProgram } from "./native/native-programs.ts";
export { findCriu } from "./snapshot/criu/find-criu.ts";
export { installCriu } from "./snapshot/criu/install-criu.ts";
export { isCriuInstalled } from "./snapshot/criu/is-criu-installed.ts";
export type {
  Build,
  BuildResult,
  SnapshotDetails,
  Snapshots,
  SnapshotSummary,
  WarmUp,
} from "./snapshot/snapshots.ts";
