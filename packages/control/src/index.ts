export type { Command, StartCause, StopReason } from "./command.ts";
export { Control, type FunctionOccupancy } from "./control.ts";
export type { ControlOptions } from "./control-options.ts";
export type { Event, MeasuredWork } from "./event.ts";
export { type PaceEvent, type PaceOptions } from "./pace/pace.ts";
export type { Budgets, Infeasible } from "./pace/budget/budget-method.ts";
export { type FrontCost, frontOf, type StageOption, UNPACED, unpaced } from "./pace/budget/front.ts";
export { type BudgetMethodName, budgetMethods } from "./pace/budget/index.ts";
export { type CriticalPath, type PathList, Paths, slackOfStages } from "./pace/budget/paths.ts";
export { type PlannedWorkflow, planWorkflow, type UnknownStages } from "./pace/budget/workflow-budgets.ts";
export { createPacePolicy, type PacePolicyName, pacePolicies, pacePolicyNames } from "./pace/policy/index.ts";
export type {
  ClockGovernor,
  PacePolicy,
  PacePolicyDefinition,
  PacePolicyParts,
  StageDecision,
  StageSituation,
  WorkflowPlan,
} from "./pace/policy/pace-policy.ts";
export type { Gain } from "./pace/slack/gain.ts";
export type { ReplayedWorkflow } from "./pace/tune/replay.ts";
export {
  type GainGrid,
  type TunedGain,
  tuneGain,
  type TuneOptions,
  usualGainGrid,
} from "./pace/tune/tune-gain.ts";
export type { PacePlan } from "./pace/pace-plan.ts";
export type { StagePace } from "./pace/stage-pace.ts";
export { excessOf } from "./flow/data/data-bounds.ts";
export type { TaskItem, WorkflowDefinition } from "./flow/definition.ts";
export type { ExpressionResult, Expressions } from "./flow/expressions.ts";
export type { WorkflowFault } from "./flow/fault.ts";
export { Flow } from "./flow/flow.ts";
export type { FlowCommand, RunEnd } from "./flow/flow-command.ts";
export type { FlowEvent, StepOutcome } from "./flow/flow-event.ts";
export { type FlowLimits, type FlowOptions, usualFlowLimits } from "./flow/flow-options.ts";
export { BranchStatistics } from "./flow/graph/branch-statistics.ts";
export { workflowGraph } from "./flow/graph/workflow-graph.ts";
export type { Json } from "./flow/json.ts";
export type { Schemas } from "./flow/schemas.ts";
export type {
  CloudEvent,
  HttpCall,
  LifecycleNote,
  StepNumber,
  StepRecord,
  WorkflowReference,
} from "./flow/step.ts";
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
