/**
 * The processors of the reference table: common server processors by generation, and how a host shows that it is of one.
 *
 * `cpuIds` are `family/model` (decimal, as /proc/cpuinfo prints them; arch/x86/include/asm/intel-family.h and AMD's processor
 * programming references) or ARM's `implementer/part` (arch/arm64/include/asm/cputype.h). They tell the generation also where
 * a hypervisor hides the model's name.
 */
import type { Architecture } from "@frugal/core";

export interface ReferenceProcessor {
  readonly processorNumber: string;
  readonly generation: string;
  readonly architecture: Architecture;
  readonly vendor: string;
  readonly cpuIds: readonly string[];
}

const intel = (generation: string, cpuId: string, ...numbers: readonly string[]): ReferenceProcessor[] =>
  numbers.map((processorNumber) => ({
    processorNumber,
    generation,
    architecture: "x86_64",
    vendor: "intel",
    cpuIds: [cpuId],
  }));

const amd = (generation: string, cpuId: string, ...numbers: readonly string[]): ReferenceProcessor[] =>
  numbers.map((processorNumber) => ({
    processorNumber,
    generation,
    architecture: "x86_64",
    vendor: "amd",
    cpuIds: [cpuId],
  }));

const arm = (generation: string, cpuId: string, ...numbers: readonly string[]): ReferenceProcessor[] =>
  numbers.map((processorNumber) => ({
    processorNumber,
    generation,
    architecture: "arm64",
    vendor: "arm",
    cpuIds: [cpuId],
  }));

export const referenceProcessors: readonly ReferenceProcessor[] = [
  ...intel("Sandy Bridge", "6/45", "E5-2660"),
  ...intel("Ivy Bridge", "6/62", "E5-2660 v2"),
  ...intel("Haswell", "6/63", "E5-2699 v3"),
  ...intel("Broadwell", "6/79", "E5-2699 v4"),
  ...intel("Skylake", "6/94", "E3-1260L v5"),
  ...intel("Skylake", "6/85", "8180"),
  ...intel("Cascade Lake", "6/85", "8280"),
  ...intel("Coffee Lake", "6/158", "E-2288G"),
  ...intel("Ice Lake", "6/106", "5318Y", "8380"),
  ...intel("Rocket Lake", "6/167", "E-2388G"),
  ...intel("Raptor Lake", "6/183", "E-2488"),
  ...intel("Sapphire Rapids", "6/143", "8480+", "8490H"),
  ...intel("Emerald Rapids", "6/207", "8592+"),
  ...intel("Sierra Forest", "6/175", "6780E"),
  ...intel("Granite Rapids", "6/173", "6787P", "6980P"),
  ...intel("Arrow Lake", "6/197", "255H"),
  ...amd("Naples (Zen)", "23/1", "7601"),
  ...amd("Rome (Zen 2)", "23/49", "7702", "7742"),
  ...amd("Milan (Zen 3)", "25/1", "7713", "7763"),
  ...amd("Genoa (Zen 4)", "25/17", "9654"),
  ...amd("Siena, Bergamo (Zen 4c)", "25/160", "8534P", "9754"),
  ...amd("Raphael (Zen 4)", "25/97", "4344P"),
  ...amd("Turin (Zen 5)", "26/2", "9655", "9755"),
  ...amd("Turin (Zen 5c)", "26/17", "9845", "9965"),
  ...amd("Granite Ridge (Zen 5)", "26/68", "4465P"),
  ...arm("Altra (Neoverse N1)", "0x41/0xd0c", "Q64-30", "Q80-30", "M128-30"),
  ...arm("Grace (Neoverse V2)", "0x41/0xd4f", "Grace CPU Superchip"),
];

/** Whether a processor's description names `number` as a whole: `8380` is not in `8380HL`, `E5-2660` not in `E5-2660 v2`. */
export function namesProcessor(description: string, number: string): boolean {
  const escaped = number.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w-])${escaped}(?![\\w+-]| ?v\\d)`, "i").test(description);
}
