/**
 * JWT: sign and verify tokens with HS256 and ES256.
 *
 * ES256 signatures are different every time, so the check verifies each token itself, with Node's crypto in place of jose and
 * with the public half of the key.
 */
import { createHmac, createPublicKey, verify } from "node:crypto";
import type { BenchmarkFunction } from "../benchmark-function.ts";
import { firstDifference, objectOf, textsOf } from "../first-difference.ts";

interface JwtPayload {
  readonly tokens: number;
  readonly issuer: string;
  readonly subject: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
}

const tokens = { test: 5, small: 100, large: 1_200 } as const;

export const jwt: BenchmarkFunction = {
  name: "jwt",
  summary: "Signs JSON Web Tokens and verifies them again, with HS256 and ES256",
  origins: [{ paper: "energy-aware-scheduling", suite: "original", name: "JWT" }],
  runtimes: { nodejs: { handler: "handler.handler", folder: "jwt" } },
  memoryMebibytes: 512,
  timeoutSeconds: 60,
  payload: (size): JwtPayload => ({
    tokens: tokens[size],
    issuer: "https://frugal.example",
    subject: "customer-42",
    issuedAt: 1_700_000_000,
  }),
  check(_size, payload: JwtPayload, output) {
    const answer = objectOf(output);
    const hs256 = textsOf(answer?.["hs256"]);
    const es256 = textsOf(answer?.["es256"]);
    if (hs256?.length !== payload.tokens) return `output.hs256 is not ${payload.tokens} tokens`;
    if (es256?.length !== payload.tokens) return `output.es256 is not ${payload.tokens} tokens`;
    return (
      firstDifference({ verified: 2 * payload.tokens, hs256, es256 }, output) ??
      firstWrong(hs256, "HS256", payload) ??
      firstWrong(es256, "ES256", payload)
    );
  },
};

type Algorithm = "HS256" | "ES256";

function firstWrong(
  tokens: readonly string[],
  algorithm: Algorithm,
  payload: JwtPayload,
): string | undefined {
  for (const [number, token] of tokens.entries()) {
    const wrong = wrongToken(token, number, algorithm, payload);
    if (wrong !== undefined) return `output.${algorithm.toLowerCase()}[${number}]: ${wrong}`;
  }
  return undefined;
}

function wrongToken(
  token: string,
  number: number,
  algorithm: Algorithm,
  payload: JwtPayload,
): string | undefined {
  const [header = "", claims = "", signature = "", ...more] = token.split(".");
  if (more.length > 0) return "it has more than three parts";
  if (!isSigned(`${header}.${claims}`, signature, algorithm)) return "its signature is wrong";
  const { issuer, subject, issuedAt } = payload;
  const expected = { number, roles: ["reader", "writer"], iss: issuer, sub: subject, iat: issuedAt };
  return (
    firstDifference({ alg: algorithm, typ: "JWT" }, decoded(header), "header") ??
    firstDifference({ ...expected, exp: issuedAt + 3600 }, decoded(claims), "claims")
  );
}

/** The published example keys of RFC 7515, appendices A.1 and A.3. */
const secret = Buffer.from(
  "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
  "base64url",
);
const publicKey = createPublicKey({
  format: "jwk",
  key: {
    kty: "EC",
    crv: "P-256",
    x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  },
});

function isSigned(signed: string, signature: string, algorithm: Algorithm): boolean {
  const bytes = Buffer.from(signature, "base64url");
  if (bytes.toString("base64url") !== signature) return false;
  if (algorithm === "HS256") return createHmac("sha256", secret).update(signed).digest().equals(bytes);
  return verify("sha256", Buffer.from(signed), { key: publicKey, dsaEncoding: "ieee-p1363" }, bytes);
}

const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
