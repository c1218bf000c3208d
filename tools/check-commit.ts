/**
 * `node tools/check-commit.ts FILE` checks one message, as git's hook `commit-msg` calls it;
 * `node tools/check-commit.ts --range A..B` checks the messages of commits, as CI does.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { messageOf } from "@frugal/core";
import { commitProblems } from "./commit/commit-message.ts";
import { type Problem, reportProblems } from "./problem.ts";

interface NamedMessage {
  readonly name: string;
  readonly text: string;
}

function messagesOfRange(range: string): readonly NamedMessage[] {
  const log = execFileSync("git", ["log", "--format=%h%n%B%x00", "--end-of-options", range], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return log
    .split("\0")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [name = "", ...lines] = entry.split("\n");
      return { name, text: lines.join("\n") };
    });
}

const problemsOf = ({ name, text }: NamedMessage): readonly Problem[] =>
  commitProblems(text).map((problem) => ({
    file: name,
    problem,
    remedy: "Write: scope: Imperative sentence, as CONTRIBUTING.md shows",
  }));

/** The messages that the arguments name, or what is wrong with the arguments. */
function messagesOf(args: readonly string[]): readonly NamedMessage[] | string {
  const [first, second, ...rest] = args;
  const isRange = first === "--range";
  if (first === undefined || rest.length > 0 || (second === undefined) === isRange) {
    return "Usage: node tools/check-commit.ts FILE | --range A..B";
  }
  try {
    return isRange ? messagesOfRange(second ?? "") : [{ name: first, text: readFileSync(first, "utf8") }];
  } catch (error) {
    return `Cannot read ${isRange ? `the commits ${second ?? ""}` : first}: ${messageOf(error)}`;
  }
}

const messages = messagesOf(process.argv.slice(2));
if (typeof messages === "string") {
  console.error(messages);
  process.exitCode = 2;
} else {
  const count = `${messages.length} ${messages.length === 1 ? "message keeps" : "messages keep"}`;
  process.exitCode = reportProblems(messages.flatMap(problemsOf), `commits: ${count} to the form`);
}
