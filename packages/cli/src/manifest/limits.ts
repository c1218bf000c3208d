/**
 * Limits of a function's settings, so that a mistake is shown with its line before anything is packed or sent. They are
 * those of the platform (a test holds them together).
 */
interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

/** Limits of numeric settings, by the platform's names. */
export const manifestLimits = {
  memoryMiB: { minimum: 128, maximum: 10_240 },
  temporaryStorageMiB: { minimum: 16, maximum: 10_240 },
  timeoutSeconds: { minimum: 0.1, maximum: 900 },
  initTimeoutSeconds: { minimum: 0.1, maximum: 900 },
  queueTimeoutSeconds: { minimum: 0.1, maximum: 900 },
  cores: { minimum: 0.05, maximum: 256 },
  concurrency: { minimum: 1, maximum: 1000 },
  provisioned: { minimum: 0, maximum: 10_000 },
  maxInstances: { minimum: 1, maximum: 10_000 },
  maxQueue: { minimum: 1, maximum: 100_000 },
  asyncRetries: { minimum: 0, maximum: 10 },
  deadlineSeconds: { minimum: 0.001, maximum: 900 },
  warmUpCount: { minimum: 0, maximum: 100 },
} as const satisfies Record<string, Range>;

/** Of the paths into a payload that say how much work it is. */
export const workLimits = { pathLength: 64, hyperparameters: 8 } as const;
