/**
 * Tests that need root: they run where they can, are skipped elsewhere, and fail in CI rather than be skipped.
 */
import { it } from "vitest";

const isRoot = process.getuid?.() === 0;
const isCi = process.env["CI"] !== undefined && process.env["CI"] !== "false";

/** `it` for a test that needs root. */
export const itAsRoot: (title: string, body: () => Promise<void>) => void = isRoot || isCi ? it : it.skip;
