/**
 * Templates: instances that are started only to be dumped. One comes to the point at which its snapshot is to be taken,
 * runs the hooks for it, and ends as an image in a folder.
 */
import { inMilliseconds, minus, plus, type Seconds, seconds } from "@frugal/core";
import type { Isolation, Unit, UnitConnection, UnitFactory, UnitSockets, UnitSpec } from "../../unit/unit.ts";
import type { LanguageRuntime, LoadingReport, Template } from "../../runtime/language-runtime.ts";
import type { InstanceSpec } from "../../instance-spec.ts";
import { writePageTable } from "../image/page-table.ts";
import { readProcessTree } from "../image/process-tree.ts";
import type { WarmUp } from "../snapshots.ts";
import { settleConnections } from "./connections.ts";
import { Conversation } from "./conversation.ts";
import type { ConversationParts } from "./conversation.ts";

/** Hooks and a full garbage collection; more than that is a hook that hangs. */
const QUIESCE_TIMEOUT = seconds(30);

/** Writing an image takes a second for some hundred megabytes. */
const DUMP_TIMEOUT = seconds(60);

/** How far a template goes before it is dumped. */
export type TemplateGoal =
  /** Initialised and warmed up. */
  | { readonly kind: "function"; readonly warmUp: WarmUp }
  /** Modules of it loaded, in this order, with those of its variables; none of its own code. */
  | {
      readonly kind: "dependencies";
      readonly modules: readonly string[];
      readonly variables: Readonly<Record<string, string>>;
    }
  /** The language runtime up. */
  | { readonly kind: "runtime" };

export interface TemplateImage {
  readonly sockets: UnitSockets;
  readonly connections: readonly UnitConnection[];
  readonly pids: readonly number[];
  readonly dump: Seconds;
  /** Only where the function was loaded. */
  readonly loading: LoadingReport | undefined;
}

export interface TemplateParts extends Omit<ConversationParts, "unit" | "isRuntimeOnly"> {
  readonly units: UnitFactory;
  /** Told of the unit as soon as there is one, for stopping it. */
  readonly launched: (unit: Unit) => void;
}

/** Which way a runtime is started for `goal`. */
const templateOf = (goal: TemplateGoal["kind"]): Template => (goal === "function" ? "function" : "runtime");

/** What a template of `spec`, and each of its clones, is planned as. */
export const templatePlan = (
  runtime: LanguageRuntime,
  spec: InstanceSpec,
  isolation: Isolation,
  goal: TemplateGoal["kind"],
): UnitSpec => runtime.plan(spec, isolation, templateOf(goal));

/** Makes an image in `folder`. Rejects with a FrugalError that says why this function cannot be dumped. */
export async function makeImage(
  { units, launched, ...parts }: TemplateParts,
  goal: TemplateGoal,
  folder: string,
): Promise<TemplateImage> {
  const { spec, runtime, clock } = parts;
  const plan = templatePlan(runtime, spec, units.isolation, goal.kind);
  const unit = units.launch({ ...plan, isTemplate: true }, false);
  launched(unit);
  const conversation = new Conversation({ ...parts, unit, isRuntimeOnly: goal.kind !== "function" });
  try {
    await conversation.ready(spec.initTimeout);
    await reach(goal, conversation, { units, ...parts });
    await conversation.quiesce(QUIESCE_TIMEOUT);
    const { unanswered } = conversation;
    const begun = clock.now();
    const cancel = clock.at(plus(begun, DUMP_TIMEOUT), () => unit.kill());
    const sockets = await unit.dump(folder).finally(cancel);
    const dump = minus(clock.now(), begun);
    const connections = await settleConnections(folder, plan.listenOn, unanswered);
    await writePageTable(folder);
    const pids = (await readProcessTree(folder)).map(({ pid }) => pid);
    return { sockets, connections, pids, dump, loading: conversation.loading };
  } finally {
    await conversation.end();
  }
}

async function reach(
  goal: TemplateGoal,
  conversation: Conversation,
  { spec, runtime, units }: Pick<TemplateParts, "spec" | "runtime" | "units">,
): Promise<void> {
  if (goal.kind === "dependencies") {
    const { environment } = runtime.plan({ ...spec, environment: goal.variables }, units.isolation);
    await conversation.loadModules(goal.modules, environment, spec.initTimeout);
  }
  if (goal.kind !== "function") return;
  const { count, payloads } = goal.warmUp;
  for (let i = 0; i < count; i++) {
    const payload = payloads[i % payloads.length];
    if (payload !== undefined) await conversation.invoke(payload, spec.invokeTimeout);
  }
}

/** For manifests. */
export const dumpMilliseconds = ({ dump }: TemplateImage): number => inMilliseconds(dump);
