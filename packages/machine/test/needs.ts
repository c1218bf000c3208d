/**
 * What tests need of the host. In CI a test whose need is missing runs, and fails, instead of being left out unseen.
 */
const isCi = process.env["CI"] !== undefined;

const isRoot = process.getuid?.() === 0;

/** For `it.skipIf`: whether events of other processes cannot be counted, as that needs root on Linux. */
export const cannotCount = !isCi && !(process.platform === "linux" && isRoot);
