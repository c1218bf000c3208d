/**
 * What passes between the platform and the thread that jq runs in.
 */
import type { MessagePort } from "node:worker_threads";

/** Given to the thread at its start. */
export interface JqThreadData {
  readonly port: MessagePort;
  /** One 32-bit counter of the replies that were sent, the first of them when jq is loaded. */
  readonly replies: SharedArrayBuffer;
  /** Most bytes of memory that jq may hold. */
  readonly memoryLimit: number;
}

/** What jq is to evaluate, on what. */
export interface JqRequest {
  readonly program: string;
  /** A JSON document. */
  readonly document: string;
}

export type JqAnswer =
  /** What jq printed: the JSON of its one result, or nothing. */
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "complaint"; readonly text: string }
  /** jq itself failed, such as for want of memory or stack, and cannot be trusted any more. */
  | { readonly kind: "broken"; readonly reason: string };

/** `memory` is what jq holds by now, in bytes; it never gives any back. */
export type JqReply = JqAnswer & { readonly memory: number };
