import { functionName, mebibytes, seconds, type StartKind, type StartOffer } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { demand, machine, quick, shellWith } from "../../test/shell-with.ts";
import type { VirtualShell } from "../../test/virtual-shell.ts";
import type { StartPolicyName } from "../index.ts";

const name = functionName("a");
const able = machine({ snapshots: true });
const snapshotted = demand("a", { snapshot: "prefetch" });
const took: Readonly<Record<string, number>> = { boot: 0.5, eager: 0.2, prefetch: 0.05 };
const offer = (kind: StartKind, memory = 50): StartOffer => ({
  kind,
  latency: seconds(took[kind] ?? 0.5),
  cpu: seconds(took[kind] ?? 0.5),
  memory: mebibytes(memory),
});
const offers = [offer("boot"), offer("eager"), offer("prefetch")];

/** A shell whose function starts anew for each arrival; `trials` 0: it knows what it knows. */
function shellWithOffers(
  fn = snapshotted,
  startPolicy: StartPolicyName = "cheapest-in-time",
  trials = 0,
): VirtualShell {
  const explores = startPolicy === "cheapest-in-time" || startPolicy === "fastest";
  const shell = shellWith({
    control: {
      ...quick,
      keepAlive: "provisioned",
      keepAliveOptions: {},
      startPolicy,
      startPolicyOptions: explores ? { trials } : {},
    },
    machine: able,
    functions: [fn],
    behaviour: { startTime: (_random, kind) => took[kind] ?? 0.5 },
  });
  shell.offer(fn, able, offers);
  return shell;
}

const kindsOf = (shell: VirtualShell): string[] => shell.starts.map(({ start }) => start);

describe("StartChoice", () => {
  it("boots until a snapshot is offered, and again when it is gone", () => {
    const shell = shellWith({
      control: { ...quick, keepAlive: "provisioned", keepAliveOptions: {} },
      machine: { ...able, snapshots: false },
      functions: [snapshotted],
    });
    shell.offer(snapshotted, able, offers);
    shell.arriveAt(0, name);
    const restoring = shellWithOffers();
    restoring.arriveAt(0, name);
    restoring.doAt(5, () => {
      restoring.offer(snapshotted, able, []);
    });
    restoring.arriveAt(6, name);
    for (const played of [shell, restoring]) played.run(6.5);
    expect(kindsOf(shell)).toEqual(["boot"]);
    expect(kindsOf(restoring)).toEqual(["prefetch", "boot"]);
  });

  it("forgets what an old revision was offered, and hears nothing of it", () => {
    const shell = shellWithOffers();
    shell.deploy({ ...snapshotted, revision: 2 });
    shell.offer(snapshotted, able, offers);
    shell.arriveAt(0, name);
    shell.run(0.05);
    expect(kindsOf(shell)).toEqual(["boot"]);
  });

  it("never chooses lazy paging and gives each policy its own kind", () => {
    const policies = ["always-boot", "always-eager", "always-prefetch", "fastest"] as const;
    const kinds = policies.map((policy) => {
      const shell = shellWithOffers(snapshotted, policy);
      shell.arriveAt(0, name);
      shell.run(1);
      return kindsOf(shell)[0];
    });
    expect(kinds).toEqual(["boot", "eager", "prefetch", "prefetch"]);
  });

  it("spends what is left of the deadline on the cheapest start", () => {
    const lean = [offer("boot"), offer("eager"), { ...offer("prefetch"), cpu: seconds(10) }];
    for (const [deadline, kind] of [
      [0.2, "prefetch"],
      [0.4, "eager"],
    ] as const) {
      const fn = { ...snapshotted, deadline: seconds(deadline) };
      const shell = shellWithOffers(fn);
      shell.offer(fn, able, lean);
      shell.arriveAt(0, name);
      shell.run(0.01);
      expect(kindsOf(shell)).toEqual([kind]);
    }
  });

  it("tries what is offered a few times and then stays with the best", () => {
    const shell = shellWithOffers(snapshotted, "cheapest-in-time", 2);
    for (let i = 0; i < 10; i++) shell.arriveAt(i * 2, name);
    shell.run(30);
    expect(kindsOf(shell)).toEqual(["eager", "prefetch", "eager", ...new Array<string>(7).fill("prefetch")]);
  });

  it("boots after a start that failed", () => {
    const shell = shellWithOffers();
    shell.arriveAt(0, name);
    shell.doAt(0.01, () => {
      shell.failStarts();
    });
    shell.arriveAt(1, name);
    shell.run(5);
    expect(kindsOf(shell)).toEqual(["prefetch", "boot"]);
  });

  it("scales by the start that would be chosen: with quick restores it does not wait for busy instances", () => {
    const count = (kinds: readonly StartOffer[]): number => {
      const shell = shellWith({
        control: { ...quick, startPolicyOptions: { trials: 0 } },
        machine: able,
        functions: [snapshotted],
        behaviour: { startTime: (_random, kind) => took[kind] ?? 0.5, serviceTime: () => 0.1 },
      });
      for (let i = 0; i < 3; i++) shell.arriveAt(i, name);
      shell.doAt(3, () => {
        shell.offer(snapshotted, able, kinds);
      });
      for (let i = 0; i < 2; i++) shell.arriveAt(4, name);
      shell.run(4.01);
      return shell.starts.filter(({ at, cause }) => at === 4 && cause === "demand").length;
    };
    expect([count([]), count(offers)]).toEqual([0, 1]);
  });
});
