/**
 * Seven hostile functions beside a well-behaved one: the platform survives, each caller is told what happened, and the
 * well-behaved function's answers stay right.
 */
import {
  PlatformClient,
  packFolder,
  type PlatformProcess,
  startPlatformProcess,
  Transport,
} from "@frugal/cli";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { hostileFunctions, wellBehavedFolder } from "../fixtures/hostile/hostile-functions.ts";
import { itAsRoot } from "../privileged.ts";

describe("hostile functions", () => {
  let platform: PlatformProcess;
  let transport: Transport;
  let client: PlatformClient;

  beforeAll(async () => {
    platform = await startPlatformProcess();
    transport = new Transport({ url: platform.url, apiKey: undefined, connections: 16 });
    client = new PlatformClient(transport);
    for (const { name, folder } of [
      { name: "well-behaved", folder: wellBehavedFolder },
      ...hostileFunctions,
    ]) {
      const { zip } = await packFolder(folder, {});
      const settings = { runtime: "nodejs", handler: "index.handler", timeoutSeconds: 3, maxInstances: 1 };
      await client.deploy(name, settings, zip);
    }
  });

  afterAll(async () => {
    await transport.close();
    await platform.close();
  });

  const honest = async (): Promise<string> =>
    (await client.invoke("well-behaved", Buffer.from('{"text":"frugal"}'), false)).output;

  itAsRoot("harm nobody but themselves", async () => {
    const expected = await honest();
    const attacks = hostileFunctions.map(async ({ name, errors }) => {
      const { view } = await client.invoke(name, Buffer.from("{}"), false);
      if (errors.length > 0) expect(errors, name).toContain(view.error?.errorType);
      return view.error?.errorType;
    });
    for (let i = 0; i < 20; i++) expect(await honest()).toBe(expected);
    await Promise.all(attacks);
    expect(await honest()).toBe(expected);
    const { functions } = await client.statistics();
    expect(functions.find(({ name }) => name === "well-behaved")).toMatchObject({
      invocations: 22,
      errors: 0,
    });
  });
});
