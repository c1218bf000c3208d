/**
 * The form of a commit's message: `scope: Imperative sentence`, at most 72 columns, then an empty line before any more.
 */
import { packagePlans } from "../house-plan.ts";

const LONGEST_SUBJECT = 72;

/** Parts of the project that are no package. */
const otherScopes = ["house", "docs", "bench", "functions", "test", "tools", "data"];
export const commitScopes: readonly string[] = [...Object.keys(packagePlans), ...otherScopes];

/** First words that betray another mood or a subject without one; the imperative is not decidable, these are common. */
const notImperative =
  /^(?:\w+(?:ed|ing)|Adds|Fixes|Makes|Updates|Removes|Changes|Moves|Uses|Allows|Ensures|Improves|Refactors|The|A|An|New|Some|This|WIP)$/;
/** Imperatives that end like another mood. */
const imperative = new Set([
  "Bring",
  "Embed",
  "Feed",
  "Need",
  "Ping",
  "Seed",
  "Shed",
  "Speed",
  "Spring",
  "String",
  "Swing",
]);

/** What is wrong with `message`, one sentence each; empty where nothing is. Lines that git comments out do not count. */
export function commitProblems(message: string): readonly string[] {
  const lines = message.split("\n").filter((line) => !line.startsWith("#"));
  const subject = lines[0] ?? "";
  if (/^(?:Merge|Revert) /.test(subject)) return [];
  const parts = /^([a-z0-9-]+): (\S.*)$/.exec(subject);
  if (parts === null) return [`"${subject}" is not "scope: Imperative sentence"`];
  const [, scope = "", sentence = ""] = parts;
  const first = sentence.split(/\s/, 1)[0] ?? "";
  return [
    ...(commitScopes.includes(scope)
      ? []
      : [`"${scope}" is no scope; take one of ${commitScopes.join(", ")}`]),
    ...(subject.length > LONGEST_SUBJECT
      ? [`the subject has ${subject.length} columns, at most ${LONGEST_SUBJECT} are shown`]
      : []),
    ...(/^\p{Lu}/u.test(sentence) ? [] : ["the sentence must start with a capital letter"]),
    ...(/[.!]$/.test(sentence) ? ["the subject must not end with a full stop"] : []),
    ...(notImperative.test(first) && !imperative.has(first)
      ? [`"${first}" is not imperative; say what the commit does as an order: "Add", "Restore", "Measure"`]
      : []),
    ...((lines[1] ?? "").trim() === "" ? [] : ["the line after the subject must be empty"]),
  ];
}
