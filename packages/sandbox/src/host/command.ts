/**
 * Runs a program of the host to its end, without a shell.
 */
import { spawn } from "node:child_process";

export type CommandResult =
  | { readonly kind: "ran"; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** The program is not installed. */
  | { readonly kind: "missing" };

/** `PATH` of the platform, and where administration programs are even if the `PATH` leaves them out. */
const searchPath = `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;

export function runCommand(program: string, args: readonly string[], input = ""): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, PATH: searchPath, LC_ALL: "C" },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", (error: NodeJS.ErrnoException) => {
      resolve(
        error.code === "ENOENT"
          ? { kind: "missing" }
          : { kind: "ran", code: -1, stdout, stderr: error.message },
      );
    });
    child.on("close", (code, signal) => {
      resolve({
        kind: "ran",
        code: code ?? -1,
        stdout,
        stderr: signal === null ? stderr : `${stderr}killed by ${signal}`,
      });
    });
    // A program that ends without reading its input is judged by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** `program`'s standard output; an Error with its message where it is missing or fails. */
export async function outputOf(program: string, args: readonly string[], input = ""): Promise<string> {
  const result = await runCommand(program, args, input);
  if (result.kind === "missing") throw new Error(`${program} is not installed`);
  if (result.code !== 0) {
    throw new Error(`${program} ${args.join(" ")} failed with code ${result.code}: ${result.stderr.trim()}`);
  }
  return result.stdout;
}
