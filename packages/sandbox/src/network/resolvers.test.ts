import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hostResolvers, resolverFile } from "./resolvers.ts";

it("hostResolvers() skips loopback and IPv6, and falls back on the resolvers behind systemd's stub", () => {
  const folder = mkdtempSync(join(tmpdir(), "frugal-resolvers-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const stub = file("stub", "# by systemd\nnameserver 127.0.0.53\noptions edns0\n");
  const real = file(
    "real",
    "nameserver 192.0.2.53\nnameserver fe80::1\nsearch example.org\n  nameserver 198.51.100.53\n",
  );
  expect(hostResolvers([real, stub])).toEqual(["192.0.2.53", "198.51.100.53"]);
  expect(hostResolvers([stub, real])).toEqual(["192.0.2.53", "198.51.100.53"]);
  expect(hostResolvers([stub, join(folder, "missing")])).toEqual([]);
  expect(resolverFile(["192.0.2.53", "198.51.100.53"])).toBe(
    "nameserver 192.0.2.53\nnameserver 198.51.100.53\n",
  );
  rmSync(folder, { recursive: true });
});
