/**
 * How much work an invocation is, for the models of pace: from its payload, by what its function's owner declared.
 */
import { bytes } from "@frugal/core";
import { type PayloadWork, workOf as declaredWork } from "@frugal/predict";
import type { FunctionDefinition } from "../../registry/definition.ts";

export const workOf = ({ work }: FunctionDefinition, payload: Uint8Array): PayloadWork =>
  declaredWork(work, bytes(payload.length), () =>
    Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString(),
  );
