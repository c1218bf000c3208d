/**
 * Removes what platforms that were killed left on the host. Their units are gone already: they end with their platform.
 */
import { detectCgroups, removeCgroups } from "../../cgroup/detection.ts";
import { favorMoves } from "../../cgroup/favor-moves.ts";
import { Claim, type HostSetting } from "../../host/claim.ts";
import { forwarding } from "../../network/forwarding.ts";
import { removeNetworks } from "../../network/network-pool.ts";

/** Every setting of the host that a platform may change. */
export const hostSettings: readonly HostSetting[] = [forwarding, favorMoves];

/** What cannot be removed now stays for the next platform: it is in nobody's way, as names carry their claim. */
export async function removeLeftovers(): Promise<void> {
  for (const claim of Claim.stale()) {
    await removeTraces(claim).catch(() => undefined);
  }
}

/** Removes all that carries the name of `claim`, which has no units any more, and at last the claim. */
export async function removeTraces(claim: Claim): Promise<void> {
  await removeNetworks(claim);
  await removeCgroups(detectCgroups(), `frugal-${claim.name}`);
  claim.release(hostSettings);
}
