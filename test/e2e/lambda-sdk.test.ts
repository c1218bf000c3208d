/**
 * The unmodified AWS SDK against the whole platform: a real daemon process, real instances.
 */
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { PlatformClient, type PlatformProcess, startPlatformProcess, Transport } from "@frugal/cli";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const zipOf = (source: string): Uint8Array => zipSync({ "index.mjs": Buffer.from(source) });

const HANDLER = `
export const handler = async (event, context) => {
  console.log("asked for", event.name);
  if (event.name === "nobody") throw new TypeError("No such name");
  return { greeting: \`\${process.env.WORD} \${event.name}\`, function: context.functionName };
};
`;

describe("the AWS SDK for JavaScript, unmodified", () => {
  let platform: PlatformProcess;
  let sdk: LambdaClient;
  let transport: Transport;

  beforeAll(async () => {
    platform = await startPlatformProcess();
    transport = new Transport({ url: platform.url, apiKey: undefined });
    sdk = new LambdaClient({
      endpoint: platform.url,
      region: "frugal",
      credentials: { accessKeyId: "frugal", secretAccessKey: "none" },
    });
    await sdk.send(
      new CreateFunctionCommand({
        FunctionName: "greet",
        Runtime: "nodejs24.x",
        Role: "arn:aws:iam::000000000000:role/any",
        Handler: "index.handler",
        Code: { ZipFile: zipOf(HANDLER) },
        Environment: { Variables: { WORD: "Hello" } },
        Timeout: 5,
      }),
    );
  });

  afterAll(async () => {
    sdk.destroy();
    await transport.close();
    await platform.close();
  });

  const invoke = (name: string, options: Partial<ConstructorParameters<typeof InvokeCommand>[0]> = {}) =>
    sdk.send(new InvokeCommand({ FunctionName: "greet", Payload: JSON.stringify({ name }), ...options }));

  it("invokes a function and reads its output and its log", async () => {
    const reply = await invoke("Ada", { LogType: "Tail" });
    expect(reply.StatusCode).toBe(200);
    expect(reply.FunctionError).toBeUndefined();
    expect(JSON.parse(reply.Payload?.transformToString() ?? "")).toEqual({
      greeting: "Hello Ada",
      function: "greet",
    });
    expect(Buffer.from(reply.LogResult ?? "", "base64").toString()).toContain("asked for Ada");
  });

  it("gets the function's own error", async () => {
    const reply = await invoke("nobody");
    expect(reply.FunctionError).toBe("Unhandled");
    expect(JSON.parse(reply.Payload?.transformToString() ?? "")).toMatchObject({
      errorType: "TypeError",
      errorMessage: "No such name",
    });
  });

  it("invokes asynchronously and finds the result", async () => {
    const reply = await invoke("Grace", { InvocationType: "Event" });
    expect(reply.StatusCode).toBe(202);
    const requestId = reply.$metadata.requestId ?? "";
    const client = new PlatformClient(transport);
    await expect
      .poll(async () => (await client.queued(requestId)).view.state, { timeout: 20_000 })
      .toBe("succeeded");
    expect(JSON.parse((await client.queued(requestId)).output)).toMatchObject({ greeting: "Hello Grace" });
  });

  it("changes configuration and code", async () => {
    await sdk.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: "greet",
        Environment: { Variables: { WORD: "Bye" } },
      }),
    );
    expect((await invoke("Ada")).Payload?.transformToString()).toContain("Bye Ada");
    await sdk.send(
      new UpdateFunctionCodeCommand({
        FunctionName: "greet",
        ZipFile: zipOf("export const handler = async () => 'new code';"),
      }),
    );
    expect((await invoke("Ada")).Payload?.transformToString()).toBe('"new code"');
  });

  it("lists and deletes", async () => {
    const names = async (): Promise<(string | undefined)[]> =>
      ((await sdk.send(new ListFunctionsCommand({}))).Functions ?? []).map(
        ({ FunctionName }) => FunctionName,
      );
    expect(await names()).toEqual(["greet"]);
    await sdk.send(new DeleteFunctionCommand({ FunctionName: "greet" }));
    expect(await names()).toEqual([]);
    await expect(sdk.send(new GetFunctionCommand({ FunctionName: "greet" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});

describe("the platform's host", () => {
  it("isolates functions where it is root, and says so where it cannot", async () => {
    const platform = await startPlatformProcess();
    const transport = new Transport({ url: platform.url, apiKey: undefined });
    try {
      const host = (await transport.json({ method: "GET", path: "/v1/host" })) as {
        isolation: { kind: string };
      };
      const isRoot = process.getuid?.() === 0;
      expect(host.isolation.kind).toBe(isRoot ? "isolated" : "unisolated");
    } finally {
      await transport.close();
      await platform.close();
    }
  });
});
