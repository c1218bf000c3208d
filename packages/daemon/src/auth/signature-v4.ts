/**
 * AWS Signature Version 4, the verifying side: was this request signed with our secret?
 *
 * Source: AWS General Reference, "Create a signed AWS API request". Only header signatures (no presigned URLs), one
 * chunk. Region and service are the client's choice: they are part of what it signs.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Largest difference between the client's clock and ours, in seconds. */
const clockSkew = 15 * 60;

export interface SignedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A signature that came with a request, taken apart. */
export interface Signature {
  readonly accessKeyId: string;
  /** `20260101/region/service/aws4_request` */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `x-amz-date`, as `20260101T000000Z`. */
  readonly date: string;
}

export const scheme = "AWS4-HMAC-SHA256";
const unsignedPayload = "UNSIGNED-PAYLOAD";

const field = (text: string, name: string): string | undefined =>
  new RegExp(`(?:^|[\\s,])${name}=([^,\\s]+)`).exec(text)?.[1];

/** The signature of a request, or what is wrong with it. */
export function parseSignature(headers: IncomingHttpHeaders): Signature | string {
  const authorization = headers.authorization ?? "";
  const credential = field(authorization, "Credential");
  const signedHeaders = field(authorization, "SignedHeaders")?.split(";");
  const signature = field(authorization, "Signature");
  const date = headers["x-amz-date"];
  if (credential === undefined || signedHeaders === undefined || signature === undefined)
    return "the Authorization header lacks Credential, SignedHeaders or Signature";
  if (typeof date !== "string" || !/^\d{8}T\d{6}Z$/.test(date))
    return "the header X-Amz-Date is missing or malformed";
  const slash = credential.indexOf("/");
  const scope = credential.slice(slash + 1);
  if (!/^\d{8}\/[^/]+\/[^/]+\/aws4_request$/.test(scope) || scope.slice(0, 8) !== date.slice(0, 8))
    return "the credential's scope is not date/region/service/aws4_request of X-Amz-Date";
  if (!signedHeaders.includes("host")) return "the host header is not signed";
  return { accessKeyId: credential.slice(0, slash), scope, signedHeaders, signature, date };
}

/** Whether the signature's time is near `now` (seconds since 1970). */
export function isFresh({ date }: Signature, now: number): boolean {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000;
  return Math.abs(now - signed) <= clockSkew;
}

/** The hash of the body that the client claims, or undefined where it has to be calculated from the body. */
export function claimedBodyHash(headers: IncomingHttpHeaders): string | undefined {
  const claimed = headers["x-amz-content-sha256"];
  return typeof claimed === "string" ? claimed : undefined;
}

export const isBodySigned = (claimed: string): boolean => claimed !== unsignedPayload;

export const hashOf = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** Verifies signatures of one secret. Signing keys are derived once per day, region and service. */
export class SignatureVerifier {
  readonly #secret: string;
  readonly #keys = new Map<string, Buffer>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** Whether `signature` fits `request` with a body of `bodyHash`. */
  isValid(request: SignedRequest, signature: Signature, bodyHash: string): boolean {
    const text = [
      scheme,
      signature.date,
      signature.scope,
      hashOf(canonicalRequest(request, signature, bodyHash)),
    ];
    const expected = createHmac("sha256", this.#keyOf(signature.scope)).update(text.join("\n")).digest();
    const found = Buffer.from(signature.signature, "hex");
    return found.length === expected.length && timingSafeEqual(found, expected);
  }

  #keyOf(scope: string): Buffer {
    const known = this.#keys.get(scope);
    if (known !== undefined) return known;
    let key: Buffer = Buffer.from(`AWS4${this.#secret}`);
    for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
    // Scopes are the client's to choose: bounded, and yesterday's go.
    if (this.#keys.size >= 64) this.#keys.clear();
    this.#keys.set(scope, key);
    return key;
  }
}

function canonicalRequest(
  { method, url, headers }: SignedRequest,
  signature: Signature,
  bodyHash: string,
): string {
  const mark = url.indexOf("?");
  const path = mark === -1 ? url : url.slice(0, mark);
  const lines = signature.signedHeaders.map((name) => `${name}:${canonicalValue(headers[name])}`);
  return [
    method,
    canonicalPath(path),
    mark === -1 ? "" : canonicalQuery(url.slice(mark + 1)),
    ...lines,
    "",
    signature.signedHeaders.join(";"),
    bodyHash,
  ].join("\n");
}

/** `value` is what a client's choice of name finds: also a method of the headers' prototype. */
const canonicalValue = (value: unknown): string =>
  (Array.isArray(value) ? value.join(",") : typeof value === "string" ? value : "")
    .replace(/\s+/g, " ")
    .trim();

/** The path that came is encoded once; Lambda's signature encodes every segment once more, after resolving dots. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(encode(segment));
  }
  const end = segments.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${segments.join("/")}${end}`;
}

/** Names and values encoded alike and sorted, whatever encoding they came in. */
function canonicalQuery(query: string): string {
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const equals = part.indexOf("=");
      const name = equals === -1 ? part : part.slice(0, equals);
      const value = equals === -1 ? "" : part.slice(equals + 1);
      return [encode(decode(name)), encode(decode(value))] as const;
    })
    .sort(([nameA, valueA], [nameB, valueB]) =>
      nameA === nameB ? compare(valueA, valueB) : compare(nameA, nameB),
    )
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
