/**
 * What a house check found: where, what is wrong, and what to do about it.
 */
export interface Problem {
  readonly file: string;
  readonly problem: string;
  readonly remedy: string;
}

/**
 * Prints the problems and answers the exit code: 0 and the line `success` where there are none, else 1.
 */
export function reportProblems(problems: readonly Problem[], success: string): number {
  if (problems.length === 0) {
    console.log(success);
    return 0;
  }
  for (const { file, problem, remedy } of problems) console.error(`${file}: ${problem}\n  ${remedy}`);
  console.error(`${problems.length} ${problems.length === 1 ? "problem" : "problems"}`);
  return 1;
}
