import { rmSync } from "node:fs";
import { join } from "node:path";
import { type ClockGrid, gigahertz, hertz } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { clockTestbed } from "../../test/clock-rigs.ts";
import { recordedHost } from "../../test/host-tree.ts";
import { openClocks } from "./open-clocks.ts";

const cpufreq = "sys/devices/system/cpu/cpufreq";
const acpi = "Intel acpi-cpufreq with intel_uncore_frequency";
const register = "Intel acpi-cpufreq with the register 0x620";
const active = "intel_pstate, active";
const inGigahertz = (steps: readonly number[]): readonly number[] => steps.map((clock) => clock / 1e9);

describe("openClocks()", () => {
  it("finds a clock for each core, its threads together, and one for each socket's uncore", () => {
    const { clocks, core, uncore } = clockTestbed(acpi).open();
    expect(core).toEqual({ kind: "available", driver: "acpi-cpufreq" });
    expect(uncore).toEqual({ kind: "available", driver: "intel_uncore_frequency" });
    expect(clocks.core.map(({ id, socket, cpus }) => [id, socket, cpus])).toEqual([
      [0, 0, [0, 4]],
      [1, 0, [1, 5]],
      [2, 1, [2, 6]],
      [3, 1, [3, 7]],
    ]);
    expect(clocks.uncore.map(({ id, cpus }) => [id, cpus])).toEqual([
      [0, [0, 1, 4, 5]],
      [1, [2, 3, 6, 7]],
    ]);
  });

  it("takes a driver's steps where it lists them, else every 100 MHz, within the limits in force", () => {
    const stepsOf = (name: Parameters<typeof clockTestbed>[0]): readonly number[] =>
      inGigahertz(clockTestbed(name).open().clocks.core[0]?.steps ?? []);
    expect(stepsOf("AMD acpi-cpufreq, userspace before")).toEqual([1.5, 1.7, 2.25]);
    expect(stepsOf(register)).toEqual([1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2, 2.1, 2.2, 2.201]);
    const crooked = stepsOf("amd-pstate, active");
    expect([crooked[0], crooked[1], crooked.at(-2), crooked.at(-1)]).toEqual([1.512, 1.6, 3.2, 3.25]);
    expect(stepsOf("cppc_cpufreq on ARM64")).toHaveLength(21);
  });

  it("sets an exact clock through the governor userspace on every thread of the core", () => {
    const { kernel, open } = bed(acpi);
    expect(open().setCore(1, gigahertz(1.3))).toEqual({ kind: "set" });
    for (const cpu of [1, 5]) {
      expect(kernel.tree.read(`${cpufreq}/policy${cpu}/scaling_governor`)).toBe("userspace");
      expect(kernel.tree.read(`${cpufreq}/policy${cpu}/scaling_setspeed`)).toBe("1300000");
    }
    expect(kernel.tree.read(`${cpufreq}/policy0/scaling_governor`)).toBe("ondemand");
  });

  it("sets equal limits where the driver has governors of its own, upwards and downwards", () => {
    const { kernel, open } = bed(active);
    const port = open();
    for (const clock of [2, 3.7, 1, 1.1]) {
      expect(port.setCore(0, gigahertz(clock))).toEqual({ kind: "set" });
      const limits = ["min", "max"].map((end) =>
        Number(kernel.tree.read(`${cpufreq}/policy0/scaling_${end}_freq`)),
      );
      expect(limits).toEqual([clock * 1e6, clock * 1e6]);
    }
    expect(kernel.tree.read(`${cpufreq}/policy0/scaling_governor`)).toBe("powersave");
  });

  it("keeps the other bits of the uncore register", () => {
    const { kernel, open } = bed(register);
    const port = open();
    port.setUncore(1, gigahertz(2));
    // Ratio 20 is 0x14; bits 7 and 15 and those above are others'.
    expect(kernel.state()).toContain("msr 2: ".padEnd(7 + 2 * 0x620, "0") + "949400000000" + "5a5a");
    expect(port.readUncore(1)).toEqual({ kind: "clock", hertz: gigahertz(2) });
  });

  it("sets the clusters of a package together, within what all of them allow, and not those of input and output", () => {
    const { kernel, open } = bed("intel_pstate, passive, with fabric clusters");
    const port = open();
    expect(port.clocks.uncore).toHaveLength(1);
    expect(inGigahertz(port.clocks.uncore[0]?.steps ?? []).at(0)).toBe(0.9);
    port.setUncore(0, gigahertz(1.5));
    const maximum = (name: string): string =>
      kernel.tree.read(`sys/devices/system/cpu/intel_uncore_frequency/${name}/max_freq_khz`);
    expect(["uncore00", "uncore01", "uncore02", "package_00_die_00"].map(maximum)).toEqual([
      "1500000",
      "1500000",
      "2500000",
      "2500000",
    ]);
  });

  it("writes nothing for a clock that is set already", () => {
    for (const name of [acpi, register, active] as const) {
      const { kernel, open } = bed(name);
      const port = open();
      port.setCore(0, gigahertz(1.3));
      const { writes } = kernel;
      expect(port.setCore(0, gigahertz(1.3))).toEqual({ kind: "set" });
      expect(kernel.writes).toBe(writes);
    }
  });

  it("puts the governor back where the clock is refused, and says why (C2)", () => {
    const { kernel, open } = bed(acpi);
    const before = kernel.state();
    const port = open();
    kernel.fate = (path) => (path.endsWith("policy4/scaling_setspeed") ? "refused" : "taken");
    const outcome = port.setCore(0, gigahertz(1.3));
    expect(outcome).toMatchObject({
      kind: "failed",
      reason: expect.stringMatching(/policy4.*busy$/) as string,
    });
    expect(kernel.state()).toBe(before);
    kernel.fate = () => "taken";
    expect(port.setCore(0, gigahertz(1.3))).toEqual({ kind: "set" });
  });

  it("leaves no thread of a core half set, in whatever order limits must be undone (C2)", () => {
    const { kernel, open } = bed(active);
    const port = open();
    port.setCore(0, gigahertz(1));
    const before = kernel.state();
    kernel.fate = (path) => (path.endsWith("policy3/scaling_min_freq") ? "refused" : "taken");
    expect(port.setCore(0, gigahertz(3))).toMatchObject({
      kind: "failed",
      reason: expect.not.stringContaining("undone") as string,
    });
    expect(kernel.state()).toBe(before);
  });

  it("changes nothing where the former clocks cannot be noted (J1)", () => {
    const { kernel, open, journal } = bed(acpi);
    const before = kernel.state();
    const port = open({ journal: `${journal}/not/there` });
    expect(port.setCore(0, gigahertz(1.3))).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("cannot note the former clocks") as string,
    });
    expect(kernel.state()).toBe(before);
  });

  it("keeps to the configured limits, and says so where they leave nothing", () => {
    const { open } = bed(acpi);
    const { clocks } = open({
      limits: { minCore: gigahertz(1), maxCore: gigahertz(1.2), maxUncore: gigahertz(0.9) },
    });
    expect(inGigahertz(clocks.core[0]?.steps ?? [])).toEqual([1, 1.1, 1.2]);
    expect(inGigahertz(clocks.uncore[0]?.steps ?? [])).toEqual([0.8, 0.9]);
    expect(open({ limits: { minCore: gigahertz(4) } }).core).toEqual({
      kind: "unavailable",
      reason:
        "the configured limits allow no clock of acpi-cpufreq: it offers 0.8 to 2.1 GHz; widen the limits",
    });
  });

  it("offers nothing where it may not write", () => {
    const { kernel, open } = bed(acpi);
    const port = open({
      access: { ...kernel.access, refusal: ({ path }) => `${path}: permission denied` },
    });
    expect(port.clocks).toEqual({ core: [], uncore: [] });
    expect(port.core).toMatchObject({
      reason: expect.stringContaining("acpi-cpufreq may not be set") as string,
    });
  });
});

describe("openClocks() in a dry run", () => {
  const reference: ClockGrid = { core: [1, 2].map(gigahertz), uncore: [1.5].map(gigahertz) };

  it("takes wishes for the host's clocks and changes nothing", () => {
    const { kernel, open } = bed(acpi);
    const before = kernel.state();
    const port = open({ mode: "dry-run", reference });
    expect(port.clocks.core[0]?.steps).toHaveLength(15);
    expect(port.setCore(0, gigahertz(1.3))).toEqual({ kind: "dry-run" });
    expect(port.setUncore(0, gigahertz(1.3))).toEqual({ kind: "dry-run" });
    expect(() => port.setCore(0, hertz(1))).toThrow(RangeError);
    port.close();
    expect(kernel.state()).toBe(before);
    expect(kernel.writes).toBe(0);
  });

  it("thinks of a reference machine's clocks where the host has none", () => {
    const roots = { ...recordedHost("vm-nothing"), devRoot: "/nowhere" };
    const { open } = bed(acpi);
    const port = open({ mode: "dry-run", roots, reference });
    expect(port.core).toEqual({ kind: "available", driver: "reference" });
    expect(port.clocks.core.map(({ cpus, steps }) => [cpus, steps])).toEqual([
      [[0], reference.core],
      [[1], reference.core],
    ]);
    expect(port.clocks.uncore).toHaveLength(1);
    expect(port.setUncore(0, gigahertz(1.5))).toEqual({ kind: "dry-run" });
    expect(port.readCore(0)).toMatchObject({
      kind: "unavailable",
      reason: expect.stringContaining("no cpufreq driver") as string,
    });
    expect(open({ mode: "on", roots, reference }).clocks).toEqual({ core: [], uncore: [] });
    expect(open({ mode: "dry-run", roots }).clocks).toEqual({ core: [], uncore: [] });
  });
});

describe("openClocks() switched off", () => {
  it("has no clocks, and still puts back what a crash has left (I3)", () => {
    const { kernel, open } = bed(acpi);
    const before = kernel.state();
    open().setCore(0, gigahertz(1.3));
    const port = open({ mode: "off" });
    expect(kernel.state()).toBe(before);
    expect(port.clocks).toEqual({ core: [], uncore: [] });
    expect(port.core).toMatchObject({ reason: expect.stringContaining("switched off") as string });
  });
});

describe("openClocks() with a lock", () => {
  it("lets one platform set the clocks at a time, and the others leave its clocks alone (I3)", () => {
    const { kernel, open } = bed(acpi);
    const lock = join(kernel.tree.root, "run/clocks.lock");
    const before = kernel.state();
    const first = open({ lock });
    first.setCore(0, gigahertz(1.3));
    const during = kernel.state();
    const second = open({ lock });
    expect(second.core).toMatchObject({ reason: expect.stringContaining("another platform") as string });
    expect(second.clocks).toEqual({ core: [], uncore: [] });
    second.close();
    const third = open({ lock, mode: "dry-run" });
    expect(third.setCore(0, gigahertz(1.2))).toEqual({ kind: "dry-run" });
    third.close();
    open({ lock, mode: "off" }).close();
    expect(kernel.state()).toBe(during);
    first.close();
    expect(kernel.state()).toBe(before);
    expect(open({ lock }).setCore(0, gigahertz(1.3))).toEqual({ kind: "set" });
  });

  it("is kept from nobody by a platform that sets nothing", () => {
    const { kernel, open } = bed(acpi);
    const lock = join(kernel.tree.root, "run/clocks.lock");
    open({ lock, mode: "dry-run" });
    open({ lock, mode: "off" });
    expect(open({ lock }).core.kind).toBe("available");
  });
});

describe("restore()", () => {
  it("names what vanished, keeps it noted, and puts it back when it is there again (J3)", () => {
    const { kernel, open, problems } = bed(acpi);
    const port = open();
    port.setCore(0, gigahertz(1.3));
    const governor = `${cpufreq}/policy4/scaling_governor`;
    kernel.tree.remove(governor);
    const left = port.restore();
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/^Cannot set back .*policy4\/scaling_governor: not there; it was ondemand\.$/);
    port.close();
    expect(problems).toEqual(left);

    kernel.tree.write(governor, "userspace");
    open();
    expect(kernel.tree.read(governor)).toBe("ondemand");
    expect(problems).toEqual(left);
  });

  it("leaves alone what a reboot has put back", () => {
    const { kernel, open } = bed(acpi);
    open().setCore(0, gigahertz(1.3));
    kernel.tree.write("proc/sys/kernel/random/boot_id", "another");
    const { writes } = kernel;
    open();
    expect(kernel.writes).toBe(writes);
  });
});

describe("this very host", () => {
  it("is read without a change, whatever it has", () => {
    const { journal } = bed(acpi);
    const problems: string[] = [];
    const port = openClocks({
      mode: "dry-run",
      roots: { sysRoot: "/sys", procRoot: "/proc", devRoot: "/dev" },
      journal,
      report: (problem) => problems.push(problem),
    });
    for (const { id } of port.clocks.core) expect(port.readCore(id).kind).toMatch(/clock|unavailable/);
    port.close();
    rmSync(journal, { force: true });
    expect(problems).toEqual([]);
  });
});

function bed(name: Parameters<typeof clockTestbed>[0]) {
  const testbed = clockTestbed(name);
  const { kernel, problems, journal } = testbed;
  const open: typeof testbed.open = (options) => testbed.open(options);
  return { kernel, problems, journal, open };
}
