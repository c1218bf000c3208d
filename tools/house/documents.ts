import type { Problem } from "../problem.ts";
import { type House, type HouseRule, linesOf } from "./house.ts";

const LONGEST_README = 40;
const LONGEST_ARCHITECTURE = 200;

/** Every package explains itself on half a page, and the whole is explained on few. */
export const documents: HouseRule = {
  rule: `every package has a README.md of at most ${LONGEST_README} lines, and ARCHITECTURE.md has at most ${LONGEST_ARCHITECTURE}`,
  check: (house) => {
    const packages = new Set(
      house.files.flatMap((path) => /^packages\/[^/]+(?=\/package\.json$)/.exec(path)?.[0] ?? []),
    );
    return [
      ...[...packages].flatMap((folder) => problemsOf(house, `${folder}/README.md`, LONGEST_README)),
      ...problemsOf(house, "ARCHITECTURE.md", LONGEST_ARCHITECTURE),
    ];
  },
};

function problemsOf(house: House, file: string, longest: number): readonly Problem[] {
  if (!house.files.includes(file)) {
    return [{ file, problem: "it is missing", remedy: `Write it, in at most ${longest} lines` }];
  }
  const lines = linesOf(house.read(file)).length;
  if (lines <= longest) return [];
  return [
    {
      file,
      problem: `it has ${lines} lines, at most ${longest} are read`,
      remedy: "Cut it, or move detail to docs/ or to the modules' headers",
    },
  ];
}
