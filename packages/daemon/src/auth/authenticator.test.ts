/**
 * Signatures are compared with the ones that the AWS SDK's own signer makes.
 */
import { createHash, createHmac } from "node:crypto";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/daemon-rig.ts";
import { ManualClock } from "../../test/manual-clock.ts";
import { loadApiKey } from "./api-key.ts";
import { ApiKeyAuthenticator } from "./authenticator.ts";
import type { SignedRequest } from "./signature-v4.ts";
import { containing, matching } from "../../test/matchers.ts";

const key = "k".repeat(43);
const clock = new ManualClock();
const authenticator = new ApiKeyAuthenticator(key, "/data/api-key", clock);

/** The SDK's interface of a hash, on Node's. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const bytes = secret === undefined || typeof secret === "string" ? secret : bufferOf(secret);
    this.#hash = bytes === undefined ? createHash("sha256") : createHmac("sha256", bytes);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    throw new Error("The signer hashes once");
  }
}
const bufferOf = (data: ArrayBuffer | ArrayBufferView): Buffer =>
  ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);

interface Draft {
  readonly method: string;
  readonly segments: readonly string[];
  readonly query: Readonly<Record<string, string | string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly applyChecksum: boolean;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT", "DELETE"),
  segments: fc.array(
    fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => text !== "." && text !== ".."),
    { maxLength: 4 },
  ),
  query: fc.dictionary(
    fc
      .string({ minLength: 1, unit: "grapheme" })
      .filter((name) => !/^(__proto__|x-amz-signature)$/i.test(name)),
    fc.oneof(fc.string({ unit: "grapheme" }), fc.array(fc.string(), { minLength: 1, maxLength: 3 })),
    { maxKeys: 4 },
  ),
  headers: fc.dictionary(
    fc.stringMatching(/^x-[a-y]{1,8}$/),
    fc.stringMatching(/^[ -~\t]{0,20}$/).map((text) => text.trim()),
    { maxKeys: 4 },
  ),
  body: fc.uint8Array({ maxLength: 200 }),
  applyChecksum: fc.boolean(),
});

async function signed(parts: Draft, secret = key, accessKeyId = "frugal"): Promise<SignedRequest> {
  const signer = new SignatureV4({
    service: "lambda",
    region: "eu-central-1",
    sha256: Sha256,
    credentials: { accessKeyId, secretAccessKey: secret },
    applyChecksum: parts.applyChecksum,
  });
  const path = `/${parts.segments.map(encodeURIComponent).join("/")}`;
  const request = await signer.sign(
    {
      method: parts.method,
      protocol: "http:",
      hostname: "127.0.0.1",
      path,
      query: { ...parts.query },
      headers: { ...parts.headers, host: "127.0.0.1:8787" },
      body: parts.body,
    },
    { signingDate: new Date(clock.wall() * 1000) },
  );
  const query = Object.entries(parts.query)
    .flatMap(([name, values]) =>
      [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
    )
    .join("&");
  return { method: parts.method, url: query === "" ? path : `${path}?${query}`, headers: request.headers };
}

/** Whether the request passes with this body. */
function passes(request: SignedRequest, body: Uint8Array): boolean {
  try {
    const verdict = authenticator.judge(request);
    if (verdict.kind === "depends-on-body") verdict.confirm(body);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "unauthorized", message: containing("/data/api-key") });
    return false;
  }
}

const simple: Draft = {
  method: "POST",
  segments: ["2015-03-31", "functions", "arn:aws:lambda:x:function:y", "invocations"],
  query: { Qualifier: "$LATEST" },
  headers: { "x-amz-invocation-type": "Event" },
  body: Buffer.from("{}"),
  applyChecksum: true,
};

describe("ApiKeyAuthenticator", () => {
  it("accepts the key as bearer token, and nothing else in its place", () => {
    const bearer = (authorization?: string): boolean =>
      passes(
        { method: "GET", url: "/", headers: authorization === undefined ? {} : { authorization } },
        Buffer.alloc(0),
      );
    expect(bearer(`Bearer ${key}`)).toBe(true);
    for (const wrong of [
      undefined,
      "",
      key,
      `Bearer ${key}x`,
      `Bearer ${key.slice(1)}`,
      `bearer ${key}`,
      `Basic ${key}`,
    ])
      expect(bearer(wrong)).toBe(false);
  });

  it("accepts every request that the AWS SDK signs", async () => {
    await fc.assert(
      fc.asyncProperty(draft, async (parts) => {
        expect(passes(await signed(parts), parts.body)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("refuses a signed request in which anything signed was changed", async () => {
    const request = await signed(simple);
    expect(passes(request, simple.body)).toBe(true);
    expect(passes(request, Buffer.from("{ }"))).toBe(false);
    expect(passes({ ...request, method: "PUT" }, simple.body)).toBe(false);
    expect(passes({ ...request, url: request.url.replace("functions", "function") }, simple.body)).toBe(
      false,
    );
    expect(passes({ ...request, url: `${request.url}&x=1` }, simple.body)).toBe(false);
    for (const [name, value] of Object.entries({
      host: "evil",
      "x-amz-invocation-type": "DryRun",
      "x-amz-date": "20260101T000000Z",
    }))
      expect(passes({ ...request, headers: { ...request.headers, [name]: value } }, simple.body)).toBe(false);
    const unsigned = { ...request.headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    expect(passes({ ...request, headers: unsigned }, simple.body)).toBe(false);
  });

  it("refuses another secret, another access key id and malformed signatures", async () => {
    expect(passes(await signed(simple, "other"), simple.body)).toBe(false);
    expect(passes(await signed(simple, key, "AKIA"), simple.body)).toBe(false);
    const { headers, ...request } = await signed(simple);
    const authorization = String(headers.authorization);
    for (const wrong of [
      "AWS4-HMAC-SHA256",
      authorization.replace(/Signature=.*/, "Signature="),
      authorization.replace(/Signature=.*/, `Signature=${"0".repeat(64)}`),
      authorization.replace("SignedHeaders=host;", "SignedHeaders="),
      authorization.replace("aws4_request", "aws5_request"),
    ])
      expect(passes({ ...request, headers: { ...headers, authorization: wrong } }, simple.body)).toBe(false);
  });

  it("accepts a body that the client did not sign, and says so only where the signature does", async () => {
    const request = await signed({ ...simple, headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } });
    expect(passes(request, Buffer.from("anything"))).toBe(true);
  });

  it("refuses signatures older or newer than 15 minutes", async () => {
    const request = await signed(simple);
    clock.advance(14 * 60);
    expect(passes(request, simple.body)).toBe(true);
    clock.advance(2 * 60);
    expect(passes(request, simple.body)).toBe(false);
    const late = new ApiKeyAuthenticator(key, "/data/api-key", new ManualClock());
    const ahead = await signed(simple);
    expect(() => late.judge(ahead)).toThrow(/15 minutes ago or ahead/);
  });
});

describe("loadApiKey()", () => {
  it("makes a key once, readable by its owner only", () => {
    const folder = temporaryFolder();
    const made = loadApiKey(folder);
    expect(made).toMatchObject({
      isNew: true,
      path: join(folder, "api-key"),
      key: matching(/^[\w-]{43}$/),
    });
    expect(loadApiKey(folder)).toEqual({ ...made, isNew: false });
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
    expect(readFileSync(made.path, "utf8")).toBe(`${made.key}\n`);
    writeFileSync(made.path, "short");
    expect(() => loadApiKey(folder)).toThrow(/holds no API key.*Delete it/);
    rmSync(folder, { recursive: true });
  });

  it("refuses signed headers that are methods of objects", () => {
    for (const name of ["__proto__", "constructor"]) {
      const headers = {
        authorization: `AWS4-HMAC-SHA256 Credential=frugal/${day()}/eu/lambda/aws4_request, SignedHeaders=host;${name}, Signature=00`,
        "x-amz-date": `${day()}T${time()}Z`,
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
      };
      expect(passes({ method: "GET", url: "/", headers }, Buffer.alloc(0))).toBe(false);
    }
  });
});

const instant = (): string => new Date(clock.wall() * 1000).toISOString().replace(/[-:]/g, "");
const day = (): string => instant().slice(0, 8);
const time = (): string => instant().slice(9, 15);
