/**
 * AWS Lambda's API as the unmodified AWS SDK uses it, signatures included, over real HTTP.
 */
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { FrugalError, seconds } from "@frugal/core";
import { zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DaemonRig, startRig } from "../../../test/daemon-rig.ts";
import { success } from "../../../test/fake-platform.ts";
import { containing, matching, parseJson } from "../../../test/matchers.ts";

let rig: DaemonRig;
let lambda: LambdaClient;

const clientOf = (secretAccessKey: string): LambdaClient =>
  new LambdaClient({
    endpoint: rig.url,
    region: "eu-central-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "frugal", secretAccessKey },
  });

const zip = (text = "export const handler = async (event) => event;"): Uint8Array =>
  zipSync({ "index.mjs": Buffer.from(text) });

const create = (name: string, input: Partial<CreateFunctionCommandInput> = {}) =>
  lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::123456789012:role/any",
      Code: { ZipFile: zip() },
      ...input,
    }),
  );

const invoke = (input: Omit<InvokeCommandInput, "FunctionName">) =>
  lambda.send(new InvokeCommand({ FunctionName: "hello", ...input }));

const text = (payload: Uint8Array | undefined): unknown => parseJson(Buffer.from(payload ?? []).toString());

beforeEach(async () => {
  rig = await startRig();
  lambda = clientOf(rig.key);
});
afterEach(async () => {
  lambda.destroy();
  await rig.close();
});

describe("functions through the AWS SDK", () => {
  it("creates, reads, lists, updates and deletes", async () => {
    const created = await create("hello", {
      Environment: { Variables: { A: "1" } },
      Timeout: 5,
      MemorySize: 512,
    });
    expect(created).toMatchObject({
      FunctionName: "hello",
      FunctionArn: "arn:aws:lambda:frugal:000000000000:function:hello",
      Runtime: "nodejs22.x",
      Role: "arn:aws:iam::123456789012:role/any",
      Timeout: 5,
      MemorySize: 512,
      State: "Active",
      Version: "$LATEST",
      Environment: { Variables: { A: "1" } },
    });
    expect(rig.platform.deployed.get("hello")).toMatchObject({
      runtime: "nodejs",
      timeout: 5,
      memory: 512 * 1024 ** 2,
    });

    const updated = await lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: "hello",
        MemorySize: 1024,
        RevisionId: created.RevisionId,
      }),
    );
    expect(updated).toMatchObject({ MemorySize: 1024, Timeout: 5, Environment: { Variables: { A: "1" } } });

    const recoded = await lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: "hello",
        ZipFile: zip("export const handler = () => 2;"),
      }),
    );
    expect(recoded.CodeSha256).not.toBe(created.CodeSha256);
    expect(rig.platform.deployed.get("hello")?.codeSha256).toBe(recoded.CodeSha256);

    const found = await lambda.send(new GetFunctionCommand({ FunctionName: created.FunctionArn }));
    expect(found.Configuration).toEqual({ ...recoded, $metadata: undefined });
    expect(await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: "hello" }))).toMatchObject({
      CodeSha256: recoded.CodeSha256,
    });

    await lambda.send(new DeleteFunctionCommand({ FunctionName: "hello" }));
    expect(rig.platform.deployed.size).toBe(0);
    await expect(lambda.send(new GetFunctionCommand({ FunctionName: "hello" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("changes nothing in a dry run of new code", async () => {
    const { CodeSha256 } = await create("hello");
    const preview = await lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: "hello",
        ZipFile: zip("export const handler = 1;"),
        DryRun: true,
      }),
    );
    expect(preview.CodeSha256).not.toBe(CodeSha256);
    expect(rig.store.find("hello")?.definition.codeSha256).toBe(CodeSha256);
  });

  it("lists in pages", async () => {
    for (const name of ["c", "a", "b"]) await create(name);
    const first = await lambda.send(new ListFunctionsCommand({ MaxItems: 2 }));
    expect(first.Functions?.map((item) => item.FunctionName)).toEqual(["a", "b"]);
    const second = await lambda.send(new ListFunctionsCommand({ MaxItems: 2, Marker: first.NextMarker }));
    expect(second.Functions?.map((item) => item.FunctionName)).toEqual(["c"]);
    expect(second.NextMarker).toBeUndefined();
  });

  it("takes Frugal's own settings in the object Frugal, and names the known ones for an unknown", async () => {
    const request = (settings: object) =>
      fetchJson("POST", "/2015-03-31/functions", {
        FunctionName: "own",
        Runtime: "python3.11",
        Handler: "app.handler",
        Code: { ZipFile: Buffer.from(zip()).toString("base64") },
        Frugal: settings,
      });
    const wrong = await request({ concurency: 2 });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toMatchObject({ Message: matching(/concurency.*known: .*concurrency/) });
    expect(rig.store.list()).toEqual([]);
    const right = await request({ concurrency: 2, network: { kind: "none" }, queueTimeoutSeconds: 4 });
    expect(right.body).toMatchObject({
      Frugal: { concurrency: 2, network: { kind: "none" }, queueTimeoutSeconds: 4 },
    });
    expect(rig.platform.deployed.get("own")).toMatchObject({
      concurrency: 2,
      queueTimeout: 4,
      runtime: "python3",
    });
  });

  it("takes SnapStart for the snapshots that Frugal makes anyway, and None for none", async () => {
    expect((await create("hello")).SnapStart?.ApplyOn).toBe("PublishedVersions");
    const update = (applyOn: "None" | "PublishedVersions") =>
      lambda.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: "hello", SnapStart: { ApplyOn: applyOn } }),
      );
    expect((await update("None")).SnapStart).toEqual({ ApplyOn: "None", OptimizationStatus: "Off" });
    expect(rig.platform.deployed.get("hello")?.snapshot).toBe("off");
    await update("PublishedVersions");
    expect(rig.platform.deployed.get("hello")?.snapshot).toBe("prefetch");
  });

  it("answers with AWS's exceptions", async () => {
    await create("hello");
    await expect(create("hello")).rejects.toMatchObject({ name: "ResourceConflictException" });
    for (const input of [
      { Runtime: "java21" as const },
      { Handler: "../handler" },
      { Timeout: 901 },
      { MemorySize: 64 },
      { Layers: ["arn:aws:lambda:eu-central-1:123456789012:layer:x:1"] },
      { Publish: true },
      { PackageType: "Image" as const },
      { Code: { ZipFile: Buffer.from("no zip") } },
      { Environment: { Variables: { AWS_LAMBDA_RUNTIME_API: "x" } } },
    ])
      await expect(create("other", input)).rejects.toMatchObject({ name: "InvalidParameterValueException" });
    await expect(
      lambda.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: "hello", Timeout: 4, RevisionId: "999" }),
      ),
    ).rejects.toMatchObject({ name: "PreconditionFailedException" });
    await expect(
      lambda.send(new GetFunctionCommand({ FunctionName: "hello", Qualifier: "7" })),
    ).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    expect(rig.store.list().map(({ definition }) => definition.name)).toEqual(["hello"]);
    expect(rig.store.find("hello")?.definition.timeout).toBe(3);
  });

  it("changes nothing where the platform refuses a function", async () => {
    rig.platform.refusal = new FrugalError(
      "function-too-large",
      "Function hello needs 9 cores, the machine has 2.",
    );
    await expect(create("hello")).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: /9 cores/,
    });
    rig.platform.refusal = undefined;
    expect(rig.store.list()).toEqual([]);
    await create("hello");
    rig.platform.refusal = new FrugalError("function-too-large", "too large");
    await expect(
      lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "hello", MemorySize: 2048 })),
    ).rejects.toMatchObject({ name: "InvalidParameterValueException" });
    expect(rig.store.find("hello")?.settings.memoryMiB).toBe(256);
  });

  it("refuses a wrong key, and says where the right one is", async () => {
    const stranger = clientOf("wrong");
    await expect(stranger.send(new ListFunctionsCommand({}))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: containing("api-key"),
    });
    stranger.destroy();
  });
});

describe("invocations through the AWS SDK", () => {
  beforeEach(() => create("hello"));

  it("gives the result with how it came about", async () => {
    const reply = await fetchJson("POST", "/2015-03-31/functions/hello/invocations", { a: 1 });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ a: 1 });
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      "x-amz-executed-version": "$LATEST",
      "x-amzn-requestid": rig.platform.invoked[0]?.requestId,
      "x-frugal-start": "warm",
      "x-frugal-duration-ms": "12.500",
      "x-frugal-wait-ms": "1.500",
      "x-frugal-energy-joules": "0.25",
      "x-frugal-energy-source": "model",
      "x-frugal-energy-quality": "estimated",
    });
    const result = await invoke({ Payload: Buffer.from('{"name":"wörld"}') });
    expect(result).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST" });
    expect(result.FunctionError).toBeUndefined();
    expect(text(result.Payload)).toEqual({ name: "wörld" });
  });

  it("says why there is no energy, never zero", async () => {
    rig.platform.energy = { kind: "unavailable", reason: "no meter\nhere" };
    const { headers } = await fetchJson("POST", "/2015-03-31/functions/hello/invocations", {});
    expect(headers.get("x-frugal-energy-unavailable")).toBe("no meter here");
    expect(headers.has("x-frugal-energy-joules")).toBe(false);
  });

  it("gives an empty event for an empty payload", async () => {
    expect(text((await invoke({})).Payload)).toEqual({});
  });

  it("takes names and ARNs, whole and partial, with $LATEST only", async () => {
    for (const FunctionName of [
      "hello:$LATEST",
      "arn:aws:lambda:eu-central-1:123456789012:function:hello",
      "123456789012:function:hello",
    ])
      expect((await lambda.send(new InvokeCommand({ FunctionName }))).StatusCode).toBe(200);
    expect((await invoke({ Qualifier: "$LATEST" })).StatusCode).toBe(200);
    await expect(invoke({ Qualifier: "PROD" })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(lambda.send(new InvokeCommand({ FunctionName: "nobody" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("marks a function's error, and keeps its fields", async () => {
    rig.platform.behave("hello", (_request, done) =>
      done({
        kind: "function-error",
        error: { errorType: "TypeError", errorMessage: "no", stackTrace: ["at handler"] },
        cpu: undefined,
        pageFaults: undefined,
      }),
    );
    const result = await invoke({});
    expect(result).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
    expect(text(result.Payload)).toEqual({
      errorType: "TypeError",
      errorMessage: "no",
      trace: ["at handler"],
    });
  });

  it.each([
    ["function-timeout", "Sandbox.Timedout", /Task timed out after 3.00 seconds/],
    ["function-crashed", "Runtime.ExitError", /gone/],
    ["out-of-memory", "Runtime.OutOfMemory", /gone/],
  ] as const)("reports %s in Lambda's words", async (code, errorType, errorMessage) => {
    rig.platform.behave("hello", (_request, done) =>
      done({ kind: "lost", error: { code, message: "gone" } }),
    );
    const result = await invoke({});
    expect(result.FunctionError).toBe("Unhandled");
    expect(text(result.Payload)).toMatchObject({
      errorType,
      errorMessage: matching(errorMessage),
    });
  });

  it("reports a start that failed as the function's error", async () => {
    rig.platform.behave("hello", (request, done) =>
      done({
        kind: "refused",
        requestId: request.requestId,
        error: { code: "init-failed", message: "Cannot find module" },
        retryAfter: undefined,
      }),
    );
    expect(text((await invoke({})).Payload)).toMatchObject({ errorType: "Runtime.InitError" });
  });

  it("refuses with 429 and Retry-After under overload (I2)", async () => {
    rig.platform.behave("hello", (request, done) =>
      done({
        kind: "refused",
        requestId: request.requestId,
        error: { code: "overloaded", message: "busy" },
        retryAfter: seconds(1.2),
      }),
    );
    await expect(invoke({})).rejects.toMatchObject({
      name: "TooManyRequestsException",
      retryAfterSeconds: "2",
    });
  });

  it("gives the tail of the log where it was asked for", async () => {
    rig.platform.behave("hello", (request, done) => {
      rig.logs.append("hello", request.requestId, "stdout", `${"x".repeat(5000)}ü the end`);
      done(success(1));
    });
    expect((await invoke({})).LogResult).toBeUndefined();
    const { LogResult } = await invoke({ LogType: "Tail" });
    const tail = Buffer.from(LogResult ?? "", "base64");
    expect(tail.length).toBeLessThanOrEqual(4096);
    expect(tail.toString()).toMatch(/xxxü the end\nEND RequestId: \S+\nREPORT RequestId: .*Energy: 0.250 J/);
  });

  it("only checks in a dry run", async () => {
    expect((await invoke({ InvocationType: "DryRun" })).StatusCode).toBe(204);
    expect(rig.platform.invocations).toBe(0);
  });

  it("acknowledges an event once it is on disk, and executes it (I1)", async () => {
    const executed = new Promise<string>((resolve) => {
      rig.platform.behave("hello", (request, done) => {
        expect(rig.queue.find(request.requestId)?.kind).toBe("running");
        resolve(request.requestId);
        done(success("done"));
      });
    });
    const accepted = await invoke({ InvocationType: "Event", Payload: Buffer.from("[1]") });
    expect(accepted.StatusCode).toBe(202);
    expect(await executed).toBe(accepted.$metadata.requestId);
  });

  it("refuses payloads that are too large or no JSON", async () => {
    const path = "/2015-03-31/functions/hello/invocations";
    const large = Buffer.alloc(6_291_457, " ");
    await expect(invoke({ Payload: large })).rejects.toMatchObject({ name: "RequestTooLargeException" });
    expect((await send("POST", path, new Blob([large]).stream())).status).toBe(413);
    await expect(invoke({ Payload: Buffer.from("{a:1}") })).rejects.toMatchObject({
      name: "InvalidRequestContentException",
    });
    expect((await send("POST", path, Buffer.from([0x22, 0xff, 0x22]))).status).toBe(400);
    const event = { InvocationType: "Event", Payload: Buffer.alloc(1024 ** 2 + 1, "1") } as const;
    await expect(invoke(event)).rejects.toMatchObject({ name: "RequestTooLargeException" });
    expect(rig.platform.invocations).toBe(0);
    const largest = Buffer.from(JSON.stringify("x".repeat(6_291_456 - 2)));
    expect((await invoke({ Payload: largest })).Payload?.length).toBe(6_291_456);
  });

  it("passes trace and client context on", async () => {
    await send("POST", "/2015-03-31/functions/hello/invocations", Buffer.from("{}"), {
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });
    expect(rig.platform.invoked.at(-1)?.traceId).toBe(
      "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1",
    );
    const ClientContext = Buffer.from('{"custom":{}}').toString("base64");
    await invoke({ ClientContext });
    expect(rig.platform.invoked.at(-1)?.clientContext).toBe(ClientContext);
    await expect(invoke({ ClientContext: "%%%" })).rejects.toMatchObject({
      name: "InvalidParameterValueException",
    });
  });

  it("withdraws an invocation whose caller goes away", async () => {
    const caller = new AbortController();
    rig.platform.behave("hello", () => caller.abort());
    await expect(
      lambda.send(new InvokeCommand({ FunctionName: "hello" }), { abortSignal: caller.signal }),
    ).rejects.toThrow();
    await expect.poll(() => rig.platform.withdrawn).toBe(1);
  });

  it("names what it does not offer", async () => {
    const reply = await fetchJson("GET", "/2015-03-31/functions/hello/policy");
    expect(reply.status).toBe(404);
    expect(reply.body).toMatchObject({ Message: containing("no operation that Frugal offers") });
    const odd = await send("POST", "/2015-03-31/functions/hello/invocations", Buffer.from("{}"), {
      "x-amz-invocation-type": "Sometimes",
    });
    expect(odd.status).toBe(400);
  });
});

const send = (
  method: string,
  path: string,
  body?: Buffer<ArrayBuffer> | ReadableStream,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(rig.url + path, {
    method,
    headers: { authorization: `Bearer ${rig.key}`, ...headers },
    ...(body === undefined ? {} : { body, duplex: "half" }),
  });

async function fetchJson(method: string, path: string, body?: unknown) {
  const reply = await send(method, path, body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
  return { status: reply.status, headers: reply.headers, body: parseJson(await reply.text()) };
}
