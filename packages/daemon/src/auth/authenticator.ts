/**
 * Who may call: holders of the API key, as `Authorization: Bearer KEY` or as AWS Signature Version 4 with the access key id
 * `frugal` and the key as secret, so that AWS SDKs and the AWS CLI work.
 *
 * A request is judged before its body is read where its headers suffice. A signature covers the body's hash, so a signed
 * request is accepted only once `confirm` has seen the body.
 */
import { timingSafeEqual } from "node:crypto";
import { type Clock, FrugalError } from "@frugal/core";
import {
  claimedBodyHash,
  hashOf,
  isBodySigned,
  isFresh,
  parseSignature,
  scheme,
  type Signature,
  type SignedRequest,
  SignatureVerifier,
} from "./signature-v4.ts";

/** The access key id that stands for the API key. */
const accessKeyId = "frugal";

export type Verdict =
  | { readonly kind: "accepted" }
  /** `confirm` throws FrugalError unauthorized where the body is not the signed one. */
  | { readonly kind: "depends-on-body"; readonly confirm: (body: Uint8Array) => void };

export interface Authenticator {
  /** FrugalError unauthorized where the request's headers show that it may not pass. */
  judge(request: SignedRequest): Verdict;
}

const accepted: Verdict = { kind: "accepted" };

/** Lets everybody pass. For platforms bound to loopback only. */
export const openAuthenticator: Authenticator = { judge: () => accepted };

export class ApiKeyAuthenticator implements Authenticator {
  readonly #bearer: Buffer;
  readonly #verifier: SignatureVerifier;
  readonly #place: string;
  readonly #clock: Clock;

  /** `place` is where the key can be found, for messages. */
  constructor(key: string, place: string, clock: Clock) {
    this.#bearer = Buffer.from(`Bearer ${key}`);
    this.#verifier = new SignatureVerifier(key);
    this.#place = place;
    this.#clock = clock;
  }

  judge(request: SignedRequest): Verdict {
    const authorization = request.headers.authorization;
    if (authorization === undefined) throw this.#refusal("The request has no API key");
    if (authorization.startsWith(scheme)) return this.#judgeSignature(request);
    const found = Buffer.from(authorization);
    if (found.length === this.#bearer.length && timingSafeEqual(found, this.#bearer)) return accepted;
    throw this.#refusal("The request's API key is wrong");
  }

  #judgeSignature(request: SignedRequest): Verdict {
    const signature = parseSignature(request.headers);
    if (typeof signature === "string")
      throw this.#refusal(`The request's AWS signature cannot be used: ${signature}`);
    if (signature.accessKeyId !== accessKeyId)
      throw this.#refusal(`The request's access key id is wrong: it must be "${accessKeyId}"`);
    if (!isFresh(signature, this.#clock.wall()))
      throw this.#refusal("The request was signed more than 15 minutes ago or ahead; compare the clocks");
    const claimed = claimedBodyHash(request.headers);
    if (claimed === undefined)
      return {
        kind: "depends-on-body",
        confirm: (body) => this.#check(request, signature, hashOf(body)),
      };
    this.#check(request, signature, claimed);
    if (!isBodySigned(claimed)) return accepted;
    return {
      kind: "depends-on-body",
      confirm: (body) => {
        if (hashOf(body) !== claimed.toLowerCase())
          throw this.#refusal("The request's body is not the one that was signed");
      },
    };
  }

  #check(request: SignedRequest, signature: Signature, bodyHash: string): void {
    if (!this.#verifier.isValid(request, signature, bodyHash))
      throw this.#refusal("The request's AWS signature does not fit the API key");
  }

  #refusal(problem: string): FrugalError {
    return new FrugalError(
      "unauthorized",
      `${problem}. The key is in ${this.#place}: send it as "Authorization: Bearer KEY", ` +
        `or use it as AWS secret access key with the access key id "${accessKeyId}".`,
    );
  }
}
