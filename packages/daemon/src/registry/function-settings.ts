/**
 * What a user can say about a function: its settings, complete and checked. The APIs turn their bodies into these; the
 * store makes definitions from settings and code.
 */
import {
  architectures,
  bytes,
  cores,
  type FunctionName,
  mebibytes,
  type Runtime,
  seconds,
  snapshotModes,
} from "@frugal/core";
import { hostArchitecture } from "@frugal/sandbox";
import { z } from "zod";
import { checked, closedObject } from "./checked.ts";
import type { FunctionDefinition } from "./definition.ts";
import { configurationLimits as limits, textLimits, workLimits } from "./limits.ts";
import { lambdaRuntimes, runtimeOf } from "./runtime-names.ts";

const between = (name: keyof typeof limits, unit: string) => {
  const { minimum, maximum } = limits[name];
  return z.number().min(minimum).max(maximum).meta({ description: unit });
};
const whole = (name: keyof typeof limits, unit: string) => between(name, unit).int();

const allowPattern = /^(\d{1,3}\.){3}\d{1,3}(\/\d{1,2}|:\d{1,5})?$/;

/** Whether `text` is an IPv4 address with parts in range, and a prefix or a port in range where it has one. */
function isDestination(text: string): boolean {
  if (!allowPattern.test(text)) return false;
  const [address = "", prefix] = text.split("/");
  const [host = "", port] = address.split(":");
  return (
    host.split(".").every((part) => Number(part) <= 255) &&
    (prefix === undefined || Number(prefix) <= 32) &&
    (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535))
  );
}

const network = z
  .discriminatedUnion("kind", [
    closedObject({ kind: z.literal("none") }),
    closedObject({
      kind: z.literal("egress"),
      allow: z
        .array(
          z.string().refine(isDestination, {
            error: "must be an IPv4 address, network or endpoint: 10.1.2.3, 10.1.2.0/24 or 10.1.2.3:5432",
          }),
        )
        .max(64)
        .default([]),
    }),
  ])
  .meta({
    description: "What the function may reach: nothing, or the public internet and the allowed exceptions",
  });

const warmUp = closedObject({
  count: whole("warmUpCount", "Invocations").default(limits.warmUpCount.default),
  payloads: z
    .array(z.unknown())
    .min(1)
    .max(limits.warmUpCount.maximum)
    .refine((payloads) => Buffer.byteLength(JSON.stringify(payloads)) <= textLimits.warmUpBytes, {
      error: `must not have more than ${textLimits.warmUpBytes} bytes together`,
    })
    .nullable()
    .default(null),
}).meta({
  description:
    "Executed before a snapshot: `count` invocations with `payloads`, or with those of the first invocations",
});

const workPath = z
  .string()
  .max(textLimits.workPath)
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, {
    error: "must be keys of the payload with dots between, such as nodes or image.data",
  });
const work = closedObject({
  size: workPath.nullable().default(null),
  hyperparameters: z
    .array(workPath)
    .max(workLimits.hyperparameters)
    .refine((paths) => new Set(paths).size === paths.length, { error: "must name each path once" })
    .default([]),
})
  .refine(({ size, hyperparameters }) => size === null || !hyperparameters.includes(size), {
    path: ["hyperparameters"],
    error: "must not name the size: every size would count as other work",
  })
  .meta({
    description:
      "Where a JSON payload says how much work it is, as paths such as `image.data`: its `size` (a number, or the length of a text or a list; without it the payload's bytes) and the `hyperparameters` that make it other work",
  });

/** Frugal's own settings, beyond AWS Lambda's; the same names in both APIs. */
export const ownSettingsShape = {
  cores: between("cores", "Cores of one instance: its limit, and what it reserves while it executes"),
  concurrency: whole("concurrency", "Invocations that one instance executes at a time"),
  provisioned: whole("provisioned", "Instances that are kept even without work"),
  maxInstances: whole("maxInstances", "Most instances at a time"),
  maxQueue: whole("maxQueue", "Most invocations waiting at a time; more are refused"),
  queueTimeoutSeconds: between("queueTimeoutSeconds", "Longest wait for an instance, its start included"),
  initTimeoutSeconds: between("initTimeoutSeconds", "Longest initialisation of an instance"),
  network,
  asyncRetries: whole("asyncRetries", "Further attempts of an asynchronous invocation whose function failed"),
  deadlineSeconds: between("deadlineSeconds", "")
    .nullable()
    .meta({ description: "Target for the time from arrival to result; starts are chosen to keep it" }),
  work,
  snapshot: z.enum(snapshotModes).meta({
    description:
      "Starts from snapshots: off (default for provided), eager (reads all memory first) or prefetch (what invocations need)",
  }),
  warmUp,
} as const;

/** Names that the runtimes set themselves. */
const reservedVariable = /^(_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR|AWS_LAMBDA_.*)$/;

const environment = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "names have letters, digits and _, no digit first"),
    z.string().refine((value) => !value.includes("\0"), { error: "must not contain a NUL character" }),
  )
  .superRefine((variables, context) => {
    for (const name of Object.keys(variables)) {
      if (reservedVariable.test(name))
        context.addIssue({
          code: "custom",
          path: [name],
          message: "is set by the platform; use another name",
        });
    }
    const size = Buffer.byteLength(Object.entries(variables).flat().join(""));
    if (size > textLimits.environmentBytes)
      context.addIssue({
        code: "custom",
        message: `has ${size} bytes, more than ${textLimits.environmentBytes}; put large values into the package`,
      });
  })
  .meta({ description: `Environment variables, ${textLimits.environmentBytes} bytes together` });

/** The settings that AWS Lambda has too, in /v1's names and units. */
export const sharedSettingsShape = {
  runtime: z
    .string()
    .refine((name) => runtimeOf(name) !== undefined, {
      error: (issue) =>
        `${String(issue.input)} is no runtime of Frugal; use one of ${lambdaRuntimes.join(", ")}`,
    })
    .meta({ description: "nodejs, python3, provided, or AWS Lambda's name of one (nodejs24.x, python3.11)" }),
  handler: z
    .string()
    .min(1)
    .max(textLimits.handler)
    .refine((path) => !/\s|\0|^\/|(^|\/)\.\.(\/|$)/.test(path), {
      error: "must be a path inside the package, without spaces",
    })
    .meta({ description: "Module and function to call, index.handler; the executable of provided" }),
  description: z.string().max(textLimits.description).meta({ description: "For people" }),
  environment,
  architectures: z
    .array(z.enum(architectures))
    .min(1)
    .max(2)
    .meta({ description: `Processors that the code runs on: ${architectures.join(", ")}` }),
  memoryMiB: whole("memoryMiB", "Memory of one instance"),
  temporaryStorageMiB: whole(
    "temporaryStorageMiB",
    "Size of /tmp; counts against the memory as far as it is used",
  ),
  timeoutSeconds: between("timeoutSeconds", "Longest execution of one invocation"),
} as const;

export const settingsShape = { ...sharedSettingsShape, ...ownSettingsShape } as const;
/** Settings as somebody gave them: any may be missing. */
export type GivenSettings = { readonly [K in keyof FunctionSettings]?: FunctionSettings[K] | undefined };
/** Settings with every default filled in. `runtime` is the name as it was given. */
export type FunctionSettings = z.infer<typeof complete>;

/** `given` on top of `base` (the present settings, or none for the defaults); FrugalError invalid-request with all problems. */
export function completeSettings(given: GivenSettings, base: FunctionSettings | undefined): FunctionSettings {
  const settings = { ...(base ?? defaultsFor(given)), ...withoutUndefined(given) };
  return checked(complete, settings, "The function's configuration");
}

const complete = closedObject(settingsShape).superRefine((settings, context) => {
  const problem = (path: string, message: string): void =>
    context.addIssue({ code: "custom", path: [path], message });
  const runtime = runtimeOf(settings.runtime);
  if (runtime !== undefined && runtime !== "provided" && !/^[^.].*\.[A-Za-z_$][\w$]*$/.test(settings.handler))
    problem("handler", `"${settings.handler}" must name a module and its function, such as index.handler`);
  if (runtime === "provided" && settings.concurrency !== 1)
    problem("concurrency", "must be 1 for provided runtimes: the Runtime API gives one invocation at a time");
  if (settings.provisioned > settings.maxInstances)
    problem("provisioned", `${settings.provisioned} is more than maxInstances, ${settings.maxInstances}`);
});

/** Settings as the store keeps them, in JSON. */
export function storedSettings(text: string): FunctionSettings {
  const settings: unknown = JSON.parse(text);
  // An earlier version of the platform knew fewer settings.
  const whole = isRecord(settings) ? { ...defaultsFor({}), ...settings } : settings;
  return checked(complete, whole, "The stored configuration of a function");
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Everything but runtime and handler, which have no default (the handler of `provided` is `bootstrap`). */
export function defaultsFor(given: GivenSettings): Partial<FunctionSettings> {
  const provided = given.runtime !== undefined && runtimeOf(given.runtime) === "provided";
  return {
    ...(provided ? { handler: "bootstrap" } : {}),
    description: "",
    environment: {},
    architectures: [hostArchitecture],
    memoryMiB: limits.memoryMiB.default,
    temporaryStorageMiB: limits.temporaryStorageMiB.default,
    timeoutSeconds: limits.timeoutSeconds.default,
    cores: limits.cores.default,
    concurrency: limits.concurrency.default,
    provisioned: limits.provisioned.default,
    maxInstances: Math.max(limits.maxInstances.default, given.provisioned ?? 0),
    maxQueue: limits.maxQueue.default,
    queueTimeoutSeconds: limits.queueTimeoutSeconds.default,
    initTimeoutSeconds: limits.initTimeoutSeconds.default,
    network: { kind: "egress", allow: [] },
    asyncRetries: limits.asyncRetries.default,
    deadlineSeconds: null,
    work: { size: null, hyperparameters: [] },
    // Nothing can reach into such a process to make clones distinct; its owner knows whether they need to be.
    snapshot: provided ? "off" : "prefetch",
    warmUp: { count: limits.warmUpCount.default, payloads: null },
  };
}

const withoutUndefined = (given: GivenSettings): GivenSettings =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** What a definition has beyond its settings. */
export type Deployed = Pick<
  FunctionDefinition,
  "revision" | "codeSha256" | "codeSize" | "codeDirectory" | "lastModified"
>;

/** The definition that the platform runs. */
export function definitionOf(
  name: FunctionName,
  settings: FunctionSettings,
  deployed: Deployed,
): FunctionDefinition {
  const runtime: Runtime = runtimeOf(settings.runtime) ?? "provided";
  return {
    name,
    runtime,
    handler: settings.handler,
    description: settings.description,
    environment: settings.environment,
    architectures: settings.architectures,
    memory: mebibytes(settings.memoryMiB),
    cores: cores(settings.cores),
    temporaryStorage: mebibytes(settings.temporaryStorageMiB),
    timeout: seconds(settings.timeoutSeconds),
    initTimeout: seconds(settings.initTimeoutSeconds),
    queueTimeout: seconds(settings.queueTimeoutSeconds),
    concurrency: settings.concurrency,
    provisioned: settings.provisioned,
    maxInstances: settings.maxInstances,
    maxQueue: settings.maxQueue,
    network: settings.network,
    asyncRetries: settings.asyncRetries,
    deadline: settings.deadlineSeconds === null ? undefined : seconds(settings.deadlineSeconds),
    work: workPathsOf(settings.work),
    snapshot: settings.snapshot,
    warmUp: {
      count: settings.warmUp.count,
      payloads: settings.warmUp.payloads?.map((payload) => Buffer.from(JSON.stringify(payload))),
    },
    ...deployed,
    codeSize: bytes(deployed.codeSize),
  };
}

const workPathsOf = ({ size, hyperparameters }: FunctionSettings["work"]): FunctionDefinition["work"] =>
  size === null && hyperparameters.length === 0 ? undefined : { size: size ?? undefined, hyperparameters };
