/**
 * Bodies of AWS Lambda's management requests, and how they become Frugal's settings.
 *
 * What would change how a function runs and cannot be had here (layers, VPC, images, ...) is an error; what only describes
 * (tags, tracing, logging, role) is accepted. Frugal's own settings come in the object `Frugal`.
 */
import { FrugalError } from "@frugal/core";
import { z } from "zod";
import { closedObject } from "../../registry/checked.ts";
import {
  type GivenSettings,
  ownSettingsShape,
  sharedSettingsShape as shared,
} from "../../registry/function-settings.ts";

/** Accepted where it says nothing: absent, or in its neutral form. */
const unsupported = (name: string, isNeutral: (value: unknown) => boolean) =>
  z
    .unknown()
    .refine((value) => value === null || isNeutral(value), {
      error: `is not offered by Frugal; leave ${name} out`,
    })
    .optional();

const isEmpty = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length === 0
    : typeof value === "object" &&
      value !== null &&
      Object.values(value).every((part) => part === null || isEmpty(part));

const described = z.unknown().optional();

const configurationShape = {
  Runtime: shared.runtime.optional(),
  Handler: shared.handler.optional(),
  Description: shared.description.optional(),
  Timeout: shared.timeoutSeconds.int().optional(),
  MemorySize: shared.memoryMiB.optional(),
  Environment: closedObject({ Variables: shared.environment.optional() }).optional(),
  EphemeralStorage: closedObject({ Size: shared.temporaryStorageMiB }).optional(),
  Role: z.string().optional(),
  Frugal: closedObject(ownSettingsShape).partial().optional(),
  TracingConfig: described,
  LoggingConfig: described,
  Layers: unsupported("Layers", isEmpty),
  VpcConfig: unsupported("VpcConfig", isEmpty),
  FileSystemConfigs: unsupported("FileSystemConfigs", isEmpty),
  ImageConfig: unsupported("ImageConfig", isEmpty),
  DeadLetterConfig: unsupported("DeadLetterConfig", isEmpty),
  KMSKeyArn: unsupported("KMSKeyArn", (value) => value === ""),
  SnapStart: closedObject({ ApplyOn: z.enum(["None", "PublishedVersions"]).optional() }).optional(),
} as const;

const noVersions = z
  .literal(false, { error: "must be false: Frugal keeps no versions of functions" })
  .optional();
const zip = z.string({ error: "must be the zip file in base64" });

const codeShape = {
  ZipFile: zip,
  S3Bucket: unsupported("S3Bucket, and give ZipFile", () => false),
  S3Key: unsupported("S3Key, and give ZipFile", () => false),
  S3ObjectVersion: unsupported("S3ObjectVersion, and give ZipFile", () => false),
  ImageUri: unsupported("ImageUri, and give ZipFile", () => false),
  SourceKMSKeyArn: unsupported("SourceKMSKeyArn", () => false),
} as const;

export const createFunction = closedObject({
  ...configurationShape,
  FunctionName: z.string(),
  Code: closedObject(codeShape),
  Architectures: shared.architectures.optional(),
  PackageType: z.literal("Zip", { error: "must be Zip: Frugal runs no images" }).optional(),
  Publish: noVersions,
  Tags: described,
  CodeSigningConfigArn: unsupported("CodeSigningConfigArn", () => false),
});

export const updateConfiguration = closedObject({ ...configurationShape, RevisionId: z.string().optional() });

export const updateCode = closedObject({
  ...codeShape,
  Architectures: shared.architectures.optional(),
  DryRun: z.boolean().optional(),
  Publish: noVersions,
  RevisionId: z.string().optional(),
});

export const listQuery = z.object({
  Marker: z.string().optional(),
  MaxItems: z.coerce.number().int().min(1).max(10_000).default(50),
  FunctionVersion: z.string().optional(),
  MasterRegion: z.string().optional(),
});

type Configuration = z.infer<typeof updateConfiguration> & {
  readonly Architectures?: ("x86_64" | "arm64")[] | undefined;
};

/** The settings that a request names. */
export const givenSettings = (body: Configuration): GivenSettings => ({
  runtime: body.Runtime,
  handler: body.Handler,
  description: body.Description,
  timeoutSeconds: body.Timeout,
  memoryMiB: body.MemorySize,
  environment: body.Environment === undefined ? undefined : (body.Environment.Variables ?? {}),
  temporaryStorageMiB: body.EphemeralStorage?.Size,
  architectures: body.Architectures,
  snapshot: snapshotOf(body.SnapStart?.ApplyOn),
  ...body.Frugal,
});

/** Frugal keeps no versions: its snapshots are of the function as it is. */
const snapshotOf = (applyOn: "None" | "PublishedVersions" | undefined): GivenSettings["snapshot"] =>
  applyOn === undefined ? undefined : applyOn === "None" ? "off" : "prefetch";

/** The bytes behind base64 text; FrugalError invalid-request where it is none. */
export function fromBase64(text: string, place: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  // Node skips what is no base64; then bytes are missing.
  const length = Math.floor((text.replace(/=+$/, "").length * 3) / 4);
  if (bytes.length !== length || text === "")
    throw new FrugalError(
      "invalid-request",
      `${place} is not base64: give the bytes of a zip file in base64.`,
    );
  return bytes;
}

/** A RevisionId is the revision's number. */
export const revisionOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);
