/**
 * The shape of a frugal.yaml: the Serverless Framework's field names for functions, and Frugal's own beside them.
 */
import { architectures, snapshotModes } from "@frugal/core";
import { z } from "zod";
import { manifestLimits, workLimits } from "./limits.ts";

type Limit = keyof typeof manifestLimits;

const within = (limit: Limit, unit: string) => {
  const { minimum, maximum } = manifestLimits[limit];
  const error = `must be from ${minimum} to ${maximum}${unit}`;
  return z.number().min(minimum, { error }).max(maximum, { error });
};
const whole = (limit: Limit, unit = "") =>
  within(limit, unit).refine(Number.isInteger, { error: "must be a whole number" });

const runtimeNames =
  "nodejs24.x, nodejs22.x, python3.11, provided.al2023 and the like, or nodejs, python3, provided";
const runtime = z.string().regex(/^(nodejs(\d{2}\.x)?|python3(\.\d{1,2})?|provided(\.al2|\.al2023)?)$/, {
  error: (issue) => `${JSON.stringify(issue.input)} is no runtime of Frugal; use ${runtimeNames}`,
});

const variable = /\$\{\s*(env|self|opt|file|ssm|s3|cf|sls|aws|param|git|strToBool)\b/;
const environment = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "names have letters, digits and _, no digit first" }),
  z
    .union([z.string(), z.number(), z.boolean()], { error: "must be a string, a number or a boolean" })
    .refine((value) => !variable.test(String(value)), {
      error: "variables such as ${env:NAME} are not resolved; write the value itself",
    }),
);

const destination = /^(\d{1,3}\.){3}\d{1,3}(\/\d{1,2}|:\d{1,5})?$/;
const network = z.strictObject({
  mode: z.enum(["none", "egress"], { error: 'must be "none" or "egress"' }),
  allow: z
    .array(
      z.string().regex(destination, {
        error: "must be an IPv4 address, network or endpoint: 10.1.2.3, 10.1.2.0/24 or 10.1.2.3:5432",
      }),
    )
    .optional(),
});

const warmUp = z.strictObject({
  count: whole("warmUpCount").optional(),
  payloads: z
    .array(z.json({ error: "must be what JSON can say" }))
    .min(1, { error: "must have one at least; without any, leave it out" })
    .max(manifestLimits.warmUpCount.maximum)
    .optional(),
});

const workPath = z
  .string()
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, {
    error: "must be keys of the payload with dots between, such as nodes or image.data",
  })
  .max(workLimits.pathLength);
const work = z
  .strictObject({
    size: workPath.optional(),
    hyperparameters: z
      .array(workPath)
      .max(workLimits.hyperparameters)
      .refine((paths) => new Set(paths).size === paths.length, { error: "must name each path once" })
      .optional(),
  })
  .refine(({ size, hyperparameters = [] }) => size === undefined || !hyperparameters.includes(size), {
    path: ["hyperparameters"],
    error: "must not name the size: every size would count as other work",
  });

const architecture = z.enum(architectures, { error: `must be one of ${architectures.join(", ")}` });

/** What functions have in common with the provider's defaults. */
const sharedShape = {
  runtime: runtime.optional(),
  memorySize: whole("memoryMiB", " MiB").optional(),
  timeout: within("timeoutSeconds", " seconds").optional(),
  environment: environment.optional(),
  architecture: architecture.optional(),
  architectures: z.array(architecture).min(1).max(2).optional(),
} as const;

const functionSchema = z.strictObject({
  handler: z.string().min(1).optional(),
  description: z.string().max(256).optional(),
  ...sharedShape,
  ephemeralStorageSize: whole("temporaryStorageMiB", " MiB").optional(),
  reservedConcurrency: whole("maxInstances").optional(),
  provisionedConcurrency: whole("provisioned").optional(),
  maximumRetryAttempts: whole("asyncRetries").optional(),
  package: z
    .strictObject({ path: z.string().min(1).optional(), patterns: z.array(z.string().min(1)).optional() })
    .optional(),
  cores: within("cores", " cores").optional(),
  concurrency: whole("concurrency").optional(),
  network: network.optional(),
  initTimeout: within("initTimeoutSeconds", " seconds").optional(),
  queueTimeout: within("queueTimeoutSeconds", " seconds").optional(),
  maxQueue: whole("maxQueue").optional(),
  deadline: within("deadlineSeconds", " seconds").optional(),
  snapshot: z.enum(snapshotModes, { error: `must be one of ${snapshotModes.join(", ")}` }).optional(),
  warmUp: warmUp.optional(),
  work: work.optional(),
});

export const manifestSchema = z.strictObject({
  service: z.string().min(1).optional(),
  provider: z.strictObject({ name: z.string().optional(), ...sharedShape }).optional(),
  functions: z.record(
    z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, {
      error: 'is no function name; use 1 to 64 letters, digits, "-" or "_"',
    }),
    functionSchema,
    {
      error: (issue) => (issue.input === undefined ? "is missing: name your functions under it" : undefined),
    },
  ),
  workflows: z
    .array(z.string({ error: "must be the path of a workflow's file" }).min(1), {
      error: "must be a list of files, each a workflow",
    })
    .optional(),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFunction = z.infer<typeof functionSchema>;

/** Fields of the Serverless Framework that people bring along, and what to do with them. */
export const foreignKeys: Readonly<Record<string, string>> = {
  events: "functions are invoked over HTTP; remove it",
  plugins: "Frugal has no plugins; remove it",
  custom: "Frugal resolves no variables; remove it",
  resources: "Frugal makes no cloud resources; remove it",
  frameworkVersion: "remove it",
  useDotenv: "write the values under environment",
  stage: "one platform is one stage; remove it",
  region: "a platform has no regions; remove it",
  iam: "functions have no cloud identity; remove it",
  role: "functions have no cloud identity; remove it",
  vpc: "say what a function may reach under its network",
  layers: "put what the function needs into its package",
  image: "container images are not run; give a handler and a package",
  url: "every function has its own address already; remove it",
  name: "a function is named by its key under functions; remove it",
};
