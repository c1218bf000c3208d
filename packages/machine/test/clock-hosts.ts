/**
 * Hosts with clocks: the parts of `/sys`, `/proc` and `/dev` that clocks are set through, as hosts of that kind show them.
 *
 * They are written after the kernel's documentation (admin-guide/pm/cpufreq.rst, intel_pstate.rst, amd-pstate.rst,
 * intel_uncore_frequency_scaling.rst) and public data sheets, with fewer cores than the parts have. Ranges are those of real
 * parts; what a driver shows is what it shows.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { HostTree } from "./host-tree.ts";

interface ClockHost {
  readonly sockets: number;
  readonly coresPerSocket: number;
  readonly threadsPerCore: number;
  /** Lines of each processor in /proc/cpuinfo. */
  readonly cpuinfo: readonly string[];
  /** Files of each cpufreq policy. */
  readonly policy: Readonly<Record<string, string>>;
  /** Files of each folder in intel_uncore_frequency. */
  readonly uncore?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The register 0x620 of each processor. */
  readonly register?: bigint;
}

const intel = (model: number, name: string): readonly string[] => [
  "vendor_id\t: GenuineIntel",
  "cpu family\t: 6",
  `model\t\t: ${model}`,
  `model name\t: ${name}`,
  "flags\t\t: fpu vme msr aperfmperf constant_tsc avx2",
];
const amd = (model: number, name: string): readonly string[] => [
  "vendor_id\t: AuthenticAMD",
  "cpu family\t: 25",
  `model\t\t: ${model}`,
  `model name\t: ${name}`,
  "flags\t\t: fpu vme msr aperfmperf constant_tsc avx2",
];

const genericGovernors = "conservative ondemand userspace powersave performance schedutil";

/** Every 100 MHz from `highest` down to `lowest`, in MHz, as acpi-cpufreq lists P-states; `turbo` stands 1 MHz above. */
const pStates = (highest: number, lowest: number): string =>
  [
    highest * 1000 + 1000,
    ...Array.from({ length: (highest - lowest) / 100 + 1 }, (_, i) => (highest - i * 100) * 1000),
  ].join(" ");

const range = (lowest: string, highest: string): Readonly<Record<string, string>> => ({
  cpuinfo_min_freq: lowest,
  cpuinfo_max_freq: highest,
  scaling_min_freq: lowest,
  scaling_max_freq: highest,
  scaling_cur_freq: highest,
});

export const clockHosts = {
  /** Xeon Gold 6138 with intel_pstate in its active mode: no userspace governor, scaling_setspeed without meaning. */
  "intel_pstate, active": {
    sockets: 1,
    coresPerSocket: 3,
    threadsPerCore: 2,
    cpuinfo: intel(85, "Intel(R) Xeon(R) Gold 6138 CPU @ 2.00GHz"),
    policy: {
      ...range("1000000", "3700000"),
      scaling_driver: "intel_pstate",
      scaling_governor: "powersave",
      scaling_available_governors: "performance powersave",
      scaling_setspeed: "<unsupported>",
      energy_performance_preference: "balance_performance",
    },
  },
  /** Two Xeon Gold 5318Y, intel_pstate=disable, with the uncore driver. */
  "Intel acpi-cpufreq with intel_uncore_frequency": {
    sockets: 2,
    coresPerSocket: 2,
    threadsPerCore: 2,
    cpuinfo: intel(106, "Intel(R) Xeon(R) Gold 5318Y CPU @ 2.10GHz"),
    policy: {
      ...range("800000", "2101000"),
      scaling_driver: "acpi-cpufreq",
      scaling_governor: "ondemand",
      scaling_available_governors: genericGovernors,
      scaling_available_frequencies: pStates(2100, 800),
      scaling_setspeed: "<unsupported>",
      cpuinfo_cur_freq: "2100000",
    },
    uncore: Object.fromEntries(
      ["package_00_die_00", "package_01_die_00"].map((name) => [
        name,
        {
          initial_min_freq_khz: "800000",
          initial_max_freq_khz: "2200000",
          min_freq_khz: "800000",
          max_freq_khz: "2200000",
          current_freq_khz: "2200000",
        },
      ]),
    ),
  },
  /** Fabric clusters (TPMI): one package, its clusters with different ranges, one of input and output only. */
  "intel_pstate, passive, with fabric clusters": {
    sockets: 1,
    coresPerSocket: 2,
    threadsPerCore: 2,
    cpuinfo: intel(173, "Intel(R) Xeon(R) 6972P"),
    policy: {
      ...range("800000", "3900000"),
      scaling_driver: "intel_cpufreq",
      scaling_governor: "schedutil",
      scaling_available_governors: genericGovernors,
      scaling_setspeed: "<unsupported>",
    },
    uncore: {
      package_00_die_00: { min_freq_khz: "800000", max_freq_khz: "2500000" },
      uncore00: cluster("core cache memory", "800000", "2200000"),
      uncore01: cluster("core cache memory", "900000", "2200000"),
      uncore02: cluster("io", "800000", "2500000"),
    },
  },
  /** The paper's server: two E5-2658A v3 with register 0x620 (1.2 to 2.9 GHz), hyper-threading off, an old kernel. */
  "Intel acpi-cpufreq with the register 0x620": {
    sockets: 2,
    coresPerSocket: 2,
    threadsPerCore: 1,
    cpuinfo: intel(63, "Intel(R) Xeon(R) CPU E5-2658A v3 @ 2.20GHz"),
    policy: {
      ...range("1200000", "2201000"),
      scaling_driver: "acpi-cpufreq",
      scaling_governor: "conservative",
      scaling_available_governors: genericGovernors,
      scaling_available_frequencies: pStates(2200, 1200),
      scaling_setspeed: "<unsupported>",
      cpuinfo_cur_freq: "1200000",
    },
    // Above the limits are bits of others, which must stay.
    register: 0x5a5a_0000_0000_8c9dn,
  },
  /** EPYC 7742: three P-states, boost beyond them, no uncore clock that Linux can set. An administrator has set a clock. */
  "AMD acpi-cpufreq, userspace before": {
    sockets: 1,
    coresPerSocket: 2,
    threadsPerCore: 2,
    cpuinfo: amd(49, "AMD EPYC 7742 64-Core Processor"),
    policy: {
      ...range("1500000", "2250000"),
      scaling_cur_freq: "1700000",
      scaling_driver: "acpi-cpufreq",
      scaling_governor: "userspace",
      scaling_available_governors: genericGovernors,
      scaling_available_frequencies: "2250000 1700000 1500000",
      scaling_setspeed: "1700000",
    },
  },
  /** amd-pstate in its active mode; its range has crooked ends, and an administrator has limited it. */
  "amd-pstate, active": {
    sockets: 1,
    coresPerSocket: 2,
    threadsPerCore: 2,
    cpuinfo: amd(17, "AMD EPYC 9354 32-Core Processor"),
    policy: {
      ...range("400000", "3799072"),
      scaling_min_freq: "1512000",
      scaling_max_freq: "3250000",
      scaling_driver: "amd-pstate-epp",
      scaling_governor: "powersave",
      scaling_available_governors: "performance powersave",
      amd_pstate_lowest_nonlinear_freq: "1512000",
    },
  },
  /** Ampere Altra Q80-30: a policy for each core, any clock from 1 to 3 GHz. */
  "cppc_cpufreq on ARM64": {
    sockets: 1,
    coresPerSocket: 4,
    threadsPerCore: 1,
    cpuinfo: ["Features\t: fp asimd evtstrm aes", "CPU implementer\t: 0x41", "CPU part\t: 0xd0c"],
    policy: {
      ...range("1000000", "3000000"),
      scaling_driver: "cppc_cpufreq",
      scaling_governor: "schedutil",
      scaling_available_governors: genericGovernors,
      scaling_setspeed: "<unsupported>",
      cpuinfo_cur_freq: "3000000",
    },
  },
} as const satisfies Readonly<Record<string, ClockHost>>;

function cluster(agents: string, lowest: string, highest: string): Readonly<Record<string, string>> {
  return {
    agent_types: agents,
    package_id: "0",
    domain_id: "0",
    fabric_cluster_id: "0",
    min_freq_khz: lowest,
    max_freq_khz: highest,
    current_freq_khz: highest,
  };
}

export type ClockHostName = keyof typeof clockHosts;

/** How many processors a host has. */
type ClockHostSize = Pick<ClockHost, "coresPerSocket" | "threadsPerCore">;

/** The trees of the host called `name`, in a temporary folder; whoever asks disposes of them. */
export function clockHost(name: ClockHostName, size: Partial<ClockHostSize> = {}): HostTree {
  const host: ClockHost = { ...clockHosts[name], ...size };
  const { sockets, coresPerSocket, threadsPerCore } = host;
  const tree = new HostTree();
  const cores = sockets * coresPerSocket;
  const cpus = Array.from({ length: cores * threadsPerCore }, (_, cpu) => cpu);
  const folder = "sys/devices/system/cpu";
  tree.write(`${folder}/online`, `0-${cpus.length - 1}`);
  for (const cpu of cpus) {
    const socket = Math.floor((cpu % cores) / coresPerSocket);
    const siblings = cpus.filter((other) => other % cores === cpu % cores);
    tree.write(`${folder}/cpu${cpu}/topology/physical_package_id`, String(socket));
    tree.write(`${folder}/cpu${cpu}/topology/die_id`, "0");
    tree.write(`${folder}/cpu${cpu}/topology/core_cpus_list`, siblings.join(","));
    tree.write(`${folder}/cpufreq/policy${cpu}/affected_cpus`, String(cpu));
    for (const [file, text] of Object.entries(host.policy))
      tree.write(`${folder}/cpufreq/policy${cpu}/${file}`, text);
    if (host.register !== undefined) writeRegisters(tree.path(`dev/cpu/${cpu}/msr`), host.register);
  }
  for (const [name, files] of Object.entries(host.uncore ?? {}))
    for (const [file, text] of Object.entries(files))
      tree.write(`${folder}/intel_uncore_frequency/${name}/${file}`, text);
  const blocks = cpus.map((cpu) => [`processor\t: ${cpu}`, ...host.cpuinfo].join("\n"));
  tree.write("proc/cpuinfo", blocks.join("\n\n"));
  tree.write("proc/sys/kernel/random/boot_id", "5a0c2f4e-3a3c-4f5e-8a54-9d7e0b3c1f00");
  return tree;
}

/**
 * A file in the place of a register device. A real one has a register at each address; in a file, the register 0x621 begins one
 * byte after 0x620, with the lowest ratio: what the clock is once both ratios are equal.
 */
function writeRegisters(path: string, limits: bigint): void {
  const registers = Buffer.alloc(0x630);
  registers.writeBigUInt64LE(limits, 0x620);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, registers);
}
