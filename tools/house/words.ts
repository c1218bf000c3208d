import { isFixture } from "../source-tree.ts";
import { type HouseRule, linesOf } from "./house.ts";

/** What must not appear in a line, and what to do instead. */
interface Refusal {
  readonly pattern: RegExp;
  readonly problem: string;
  readonly remedy: string;
}

const refusals: readonly Refusal[] = [
  {
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/,
    problem: "something is left to do",
    remedy: "Do it, or say plainly what the code does not do",
  },
  {
    pattern: /@ts-(?:ignore|nocheck)/,
    problem: "the compiler is silenced",
    remedy: "Mend the type; where the compiler is wrong, @ts-expect-error with the reason",
  },
  {
    pattern: /eslint-disable(?!.* -- \S)/,
    problem: "a lint rule is switched off without a reason",
    remedy: "Write the reason on the same line, after --",
  },
  {
    pattern: /(?:^|[\s"'`(=:])\/(?:work|workspace|Users)\//,
    problem: "it names a path of one machine",
    remedy: "Name it relative to the project, or take it as a setting",
  },
  {
    pattern: /\b(?:issue|bug|ticket|PR|pull request) #\d+/i,
    problem: "it refers to a tracker",
    remedy: "Say the reason itself: numbers of a tracker mean nothing in a copy",
  },
  {
    pattern: /\b(?:this|next|previous|earlier|last) session\b/i,
    problem: "it speaks of the time it was written",
    remedy: "Say what is so, not when it came to be",
  },
  {
    pattern: /^(?:<{7}|>{7}) /,
    problem: "a merge was left half done",
    remedy: "Resolve the conflict",
  },
];

/** These rules name what they refuse. */
const isOwn = (path: string): boolean => path.startsWith("tools/house/");
const isText = (path: string): boolean =>
  /\.(ts|mjs|js|c|h|py|sh|md|json|ya?ml)$|(^|\/)(frugal|Makefile|Dockerfile)$/.test(path) &&
  !/(^|\/)(package-lock|reference-servers)\.json$/.test(path);

/** Words that have no place in a finished file. */
export const words: HouseRule = {
  rule: "no file has leftovers: things to do, silenced checks, paths of one machine",
  check: (house) =>
    house.files
      .filter((path) => isText(path) && !isFixture(path) && !isOwn(path))
      .flatMap((path) =>
        linesOf(house.read(path)).flatMap((line, i) =>
          refusals
            .filter(({ pattern }) => pattern.test(line))
            .map(({ problem, remedy }) => ({ file: `${path}:${i + 1}`, problem, remedy })),
        ),
      ),
};
