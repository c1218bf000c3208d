/**
 * A function's configuration in AWS Lambda's form.
 */
import { inMebibytes } from "@frugal/core";
import { functionArn } from "../../registry/function-arn.ts";
import type { StoredFunction } from "../../registry/function-store.ts";
import type { ownSettingsShape } from "../../registry/function-settings.ts";

/** Clients that insist on a role get one that says where they are. */
const defaultRole = "arn:aws:iam::000000000000:role/frugal";

export const lambdaConfiguration = ({ definition, settings, role }: StoredFunction) => ({
  FunctionName: definition.name,
  FunctionArn: functionArn(definition.name),
  Runtime: settings.runtime,
  Role: role ?? defaultRole,
  Handler: definition.handler,
  CodeSize: definition.codeSize,
  Description: definition.description,
  Timeout: definition.timeout,
  MemorySize: inMebibytes(definition.memory),
  LastModified: definition.lastModified.replace("Z", "+0000"),
  CodeSha256: definition.codeSha256,
  Version: "$LATEST",
  Environment: { Variables: definition.environment },
  TracingConfig: { Mode: "PassThrough" },
  RevisionId: String(definition.revision),
  State: "Active",
  LastUpdateStatus: "Successful",
  PackageType: "Zip",
  Architectures: definition.architectures,
  SnapStart:
    settings.snapshot === "off"
      ? { ApplyOn: "None", OptimizationStatus: "Off" }
      : { ApplyOn: "PublishedVersions", OptimizationStatus: "On" },
  EphemeralStorage: { Size: inMebibytes(definition.temporaryStorage) },
  Frugal: {
    cores: settings.cores,
    concurrency: settings.concurrency,
    provisioned: settings.provisioned,
    maxInstances: settings.maxInstances,
    maxQueue: settings.maxQueue,
    queueTimeoutSeconds: settings.queueTimeoutSeconds,
    initTimeoutSeconds: settings.initTimeoutSeconds,
    network: settings.network,
    asyncRetries: settings.asyncRetries,
    deadlineSeconds: settings.deadlineSeconds,
    work: settings.work,
    snapshot: settings.snapshot,
    warmUp: settings.warmUp,
  } satisfies Record<keyof typeof ownSettingsShape, unknown>,
});
