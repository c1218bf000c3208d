/**
 * Versions of criu. 4.1.1 is the oldest whose images and lazy-pages protocol were read and measured; what an older one
 * writes may differ.
 */

export const OLDEST_USABLE_VERSION = "4.1.1";

/** The version in what `criu --version` prints, or undefined where there is none. */
export const versionIn = (text: string): string | undefined =>
  /^Version:\s*v?(\d+(?:\.\d+)+)/m.exec(text)?.[1];

/** The version that apt would install, from what `apt-cache policy criu` prints; without Debian's epoch and revision. */
export const candidateIn = (policy: string): string | undefined =>
  /^\s*Candidate:\s*(?:\d+:)?(\d+(?:\.\d+)+)/m.exec(policy)?.[1];

export const isUsableVersion = (version: string): boolean =>
  compareVersions(version, OLDEST_USABLE_VERSION) >= 0;

/** Negative where `first` is older than `second`; absent parts count as 0. */
export function compareVersions(first: string, second: string): number {
  const [left, right] = [first, second].map((version) => version.split(".").map(Number));
  const length = Math.max(left?.length ?? 0, right?.length ?? 0);
  for (let part = 0; part < length; part++) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
