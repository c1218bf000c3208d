import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cannotNetwork } from "../../test/needs.ts";
import {
  hostAddress,
  metadataAddress,
  privateAddress,
  publicAddress,
  SmallInternet,
} from "../../test/small-internet.ts";
import { python, shell, transcriptOf, unitSpec, written } from "../../test/unit-spec.ts";
import { openUnitFactory } from "../unit/factory.ts";
import { buildNativePrograms } from "../native/native-programs.ts";
import type { UnitFactory } from "../unit/unit.ts";

/** Fetches from each `host:port`, and prints "hello" or the error. */
const fetches = (targets: readonly string[]) =>
  python(
    [
      "import errno, http.client, sys",
      `for target in ${JSON.stringify(targets)}:`,
      "    try:",
      "        connection = http.client.HTTPConnection(target, timeout=5)",
      "        connection.request('GET', '/')",
      "        print(target, connection.getresponse().read().decode())",
      "    except TimeoutError: print(target, 'timeout')",
      "    except OSError as error: print(target, errno.errorcode.get(error.errno, error))",
    ].join("\n"),
  );

const tables = (): readonly string[] =>
  execFileSync("nft", ["list", "tables"], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => /^table inet (frugal_\d+(?:_\d+)?)$/.exec(line)?.[1] ?? [])
    .filter((table) => table.startsWith(`frugal_${process.pid}`));

const ipForward = (): string => readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8").trim();

describe.skipIf(cannotNetwork)("NetworkPool", () => {
  let units: UnitFactory;
  let internet: SmallInternet;
  let host: Server;
  let hostPort: number;
  const forwardedBefore = cannotNetwork ? "" : ipForward();

  beforeAll(async () => {
    await buildNativePrograms();
    internet = await SmallInternet.open();
    host = createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => host.listen(0, "0.0.0.0", resolve));
    const address = host.address();
    hostPort = typeof address === "object" && address !== null ? address.port : 0;
    units = await openUnitFactory();
    expect(units.isolation).toEqual({ kind: "isolated" });
  });

  afterAll(async () => {
    await units.close();
    host.close();
    await internet.close();
    const names = (args: readonly string[]): string =>
      execFileSync(args[0] ?? "", args.slice(1), { encoding: "utf8" });
    expect(names(["ip", "netns"])).not.toContain(`frugal-${process.pid}-`);
    expect(names(["nft", "list", "tables"])).not.toContain(`frugal_${process.pid}\n`);
    expect(names(["ip", "-o", "link"])).not.toContain(`fgl${process.pid.toString(36)}-`);
    expect(ipForward()).toBe(forwardedBefore);
  });

  const reached = async (
    targets: readonly string[],
    allow: readonly string[] = [],
  ): Promise<Readonly<Record<string, string>>> => {
    const unit = units.launch(unitSpec(fetches(targets), { network: { kind: "egress", allow } }));
    const { stdout, stderr } = await transcriptOf(unit);
    expect(stderr).toBe("");
    return Object.fromEntries(
      stdout
        .trim()
        .split("\n")
        .map((line): [string, string] => {
          const [target = "", result = ""] = line.split(" ");
          return [target, result];
        }),
    );
  };

  it("lets units reach the public internet, and refuses at once what is not public (F1, F3)", async () => {
    const ownHost = `${hostAddress}:${hostPort}`;
    const results = await reached([
      publicAddress,
      privateAddress,
      metadataAddress,
      ownHost,
      `127.0.0.1:${hostPort}`,
    ]);
    expect(results).toEqual({
      [publicAddress]: "hello",
      [privateAddress]: "ECONNREFUSED",
      [metadataAddress]: "ECONNREFUSED",
      [ownHost]: "ECONNREFUSED",
      // Its own loopback, where nothing listens.
      [`127.0.0.1:${hostPort}`]: "ECONNREFUSED",
    });
  });

  it("lets a unit reach its function's exceptions, and only that unit (P1)", async () => {
    const own = `${hostAddress}:${hostPort}`;
    const targets = [privateAddress, metadataAddress, own];
    const refused = {
      [privateAddress]: "ECONNREFUSED",
      [metadataAddress]: "ECONNREFUSED",
      [own]: "ECONNREFUSED",
    };
    expect(await reached(targets, ["10.77.0.0/24"])).toEqual({ ...refused, [privateAddress]: "hello" });
    expect(await reached(targets)).toEqual(refused);
    expect(await reached(targets, [`${privateAddress}:81`, own])).toEqual({ ...refused, [own]: "hello" });
    expect(await reached(targets, [`${privateAddress}:80`])).toEqual({
      ...refused,
      [privateAddress]: "hello",
    });
    expect(await reached(targets)).toEqual(refused);
  });

  it("keeps units from each other, also with an exception for everything (F2)", async () => {
    const server = units.launch(
      unitSpec(
        shell(
          "ip -4 -o addr show eth0 | awk '{print $4}'; exec /usr/bin/python3 -m http.server 8000 --bind 0.0.0.0 2>&1",
        ),
        { network: { kind: "egress", allow: [] } },
      ),
    );
    const address = /^([\d.]+)\/31$/m.exec(await written(server, "/31\n"))?.[1] ?? "";
    const everything = ["0.0.0.0/0"];
    const neighbours = await reached([`${address}:8000`, publicAddress], everything);
    expect(neighbours).toEqual({ [`${address}:8000`]: "ECONNREFUSED", [publicAddress]: "hello" });
    server.kill();
    await server.exited;
  });

  it("gives units without network nothing but loopback", async () => {
    const unit = units.launch(
      unitSpec(fetches([publicAddress, privateAddress, `${hostAddress}:${hostPort}`])),
    );
    const { stdout } = await transcriptOf(unit);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(" ")[1]),
    ).toEqual(Array(3).fill("ENETUNREACH"));
    const links = await transcriptOf(units.launch(unitSpec(["/usr/sbin/ip", "-o", "link"])));
    expect(links.stdout).toMatch(/^1: lo:[^\n]*\n$/);
  });

  it("switches IPv6 off, and lets no unit send from another address (F1)", async () => {
    const { stdout } = await transcriptOf(
      units.launch(
        unitSpec(
          python(
            [
              "import errno, socket",
              "print(open('/proc/net/if_inet6').read() == '')",
              "def send(address):",
              "    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
              "    s.setsockopt(socket.SOL_IP, 15, 1)",
              "    s.bind((address, 0))",
              `    try: s.sendto(b'x', ('${publicAddress}', 53)); return 'sent'`,
              "    except OSError as error: return errno.errorcode[error.errno]",
              "print(send('0.0.0.0'), send('198.18.0.1'))",
            ].join("\n"),
          ),
          { network: { kind: "egress", allow: [] } },
        ),
      ),
    );
    expect(stdout).toBe("True\nsent ENETUNREACH\n");
  });

  it("serves more units at a time than it has ready, each with a network of its own", async () => {
    const living = Array.from({ length: 8 }, () =>
      units.launch(
        unitSpec(shell("ip -4 -o addr show eth0 | awk '{print $4}'; sleep 60"), {
          network: { kind: "egress", allow: [] },
        }),
      ),
    );
    const addresses = await Promise.all(living.map((unit) => written(unit, "/31\n")));
    for (const unit of living) unit.kill();
    await Promise.all(living.map((unit) => unit.exited));
    expect(new Set(addresses).size).toBe(8);
    expect(addresses.every((address) => /^198\.1[89]\.\d+\.\d+\/31\n$/.test(address))).toBe(true);
  });

  it("goes on when another platform of this host comes and goes", async () => {
    const target = `${publicAddress}:80`;
    const other = await openUnitFactory();
    expect(await reached([target])).toEqual({ [target]: "hello" });
    await other.close();
    expect(await reached([target])).toEqual({ [target]: "hello" });
  });

  it("closes also when its table and namespaces are gone already (P3)", async () => {
    const before = tables();
    const other = await openUnitFactory();
    const own = tables().filter((table) => !before.includes(table));
    expect(own).toHaveLength(1);
    execFileSync("nft", ["delete", "table", "inet", own[0] ?? ""]);
    for (const name of readdirSync("/run/netns").filter((namespace) =>
      namespace.startsWith(`${(own[0] ?? "").replace("_", "-")}-`),
    ))
      execFileSync("ip", ["netns", "del", name]);
    await other.close();
    expect(tables()).toEqual(before);
  });

  it("refuses a list that it cannot read, naming the entry", async () => {
    const unit = units.launch(
      unitSpec(["/bin/true"], { network: { kind: "egress", allow: ["10.1.2.3:http"] } }),
    );
    expect(await unit.exited).toMatchObject({
      kind: "unusable",
      reason: expect.stringContaining('"10.1.2.3:http"') as unknown,
    });
  });
});
