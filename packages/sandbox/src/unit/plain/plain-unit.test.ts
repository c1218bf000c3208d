import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { FrugalError } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { shell, transcriptOf, unitLimits, unitSpec, written } from "../../../test/unit-spec.ts";
import { openUnitFactory } from "../factory.ts";

const units = await openUnitFactory({ isolation: "none" });
const node = (script: string): readonly [string, ...string[]] => [process.execPath, "-e", script];

describe("PlainUnit", () => {
  it("says that it is not isolated, why, and what that means", () => {
    expect(units.isolation).toEqual({ kind: "unisolated", reason: "isolation is switched off" });
    expect(units.limitations.length).toBeGreaterThan(3);
  });

  it("runs the command with the given environment and a temporary folder, which goes with it", async () => {
    const unit = units.launch(
      unitSpec(node("console.log(JSON.stringify(process.env))"), { environment: { GREETING: "hello" } }),
    );
    const { made, launched } = await unit.launched;
    expect(launched).toBeGreaterThan(0);
    expect(made).toBeLessThanOrEqual(launched);
    const { stdout, exit } = await transcriptOf(unit);
    expect(exit).toEqual({ kind: "exited", code: 0 });
    const { TMPDIR, ...environment } = JSON.parse(stdout) as Record<string, string>;
    expect(environment).toEqual({ GREETING: "hello" });
    expect(existsSync(TMPDIR ?? "/")).toBe(false);
  });

  it("talks with the platform over descriptor 3, and ends that with itself", async () => {
    const unit = units.launch(
      unitSpec(
        node(
          "const s = new (require('net').Socket)({fd: 3}); s.on('data', d => s.end(String(d).toUpperCase()));",
        ),
      ),
    );
    unit.channel.write("frugal");
    const answer = await new Promise((resolve) =>
      unit.channel.once("data", (data: Buffer) => resolve(String(data))),
    );
    expect(answer).toBe("FRUGAL");
    unit.channel.end();
    expect(await unit.exited).toEqual({ kind: "exited", code: 0 });
  });

  it("says how the command ended", async () => {
    expect(await units.launch(unitSpec(shell("exit 70"))).exited).toEqual({ kind: "exited", code: 70 });
    expect(await units.launch(unitSpec(shell("kill -SEGV $$"))).exited).toEqual({
      kind: "signalled",
      signal: "SIGSEGV",
    });
  });

  it("is unusable when the command cannot run", async () => {
    const unit = units.launch(unitSpec(["/bin/true"], { workingDirectory: "/no/such/folder" }));
    await expect(unit.launched).rejects.toThrow(FrugalError);
    expect(await unit.exited).toMatchObject({ kind: "unusable" });
  });

  it("kills the command with its children", async () => {
    const unit = units.launch(unitSpec(shell("sleep 63 & sleep 63 & echo ready; wait")));
    await written(unit, "ready");
    unit.kill();
    unit.kill();
    expect(await unit.exited).toEqual({ kind: "signalled", signal: "SIGKILL" });
    expect(processes()).not.toContain("sleep 63");
  });

  it("listens on a port of its own, which the environment names", async () => {
    const unit = units.launch(
      unitSpec(
        node(
          "const [h, p] = process.env.API.split(':'); require('net').connect(p, h).on('data', d => console.log(String(d)))",
        ),
        { listenOn: 9001, environment: { API: "127.0.0.1:9001", OTHER: "9001" } },
      ),
    );
    (await unit.listener).on("connection", (socket) => socket.end("from the platform"));
    expect(await transcriptOf(unit)).toEqual({
      exit: { kind: "exited", code: 0 },
      stdout: "from the platform\n",
      stderr: "",
    });
  });

  it("counts the CPU time of the command, and keeps the count after the end", async () => {
    const unit = units.launch(
      unitSpec(
        node("while (process.cpuUsage().user < 2e5); console.log('ready'); setTimeout(() => {}, 60000)"),
      ),
    );
    await written(unit, "ready");
    const used = unit.cpuTime() ?? 0;
    expect(used).toBeGreaterThan(0.1);
    unit.kill();
    await unit.exited;
    expect(unit.cpuTime()).toBeGreaterThanOrEqual(used);
  });

  it("bounds open files", async () => {
    const { stdout } = await transcriptOf(
      units.launch(unitSpec(shell("ulimit -n; ulimit -c"), { limits: unitLimits({ openFiles: 99 }) })),
    );
    expect(stdout).toBe("99\n0\n");
  });

  it("refuses an exception of the network policy that cannot be read, as isolated units do", () => {
    const spec = unitSpec(["/bin/true"], { network: { kind: "egress", allow: ["here"] } });
    expect(() => units.launch(spec)).toThrow(FrugalError);
  });
});

const processes = (): string => execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
