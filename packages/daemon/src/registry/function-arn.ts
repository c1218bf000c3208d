/**
 * Amazon resource names of functions. The platform has one account and one region; names from elsewhere are accepted, and
 * only their function part counts.
 */
import { type FunctionName, parseFunctionName } from "@frugal/core";

const region = "frugal";
const account = "000000000000";

export const functionArn = (name: FunctionName): string =>
  `arn:aws:lambda:${region}:${account}:function:${name}`;

export interface FunctionReference {
  readonly name: FunctionName;
  /** Version or alias, where one is given. */
  readonly qualifier: string | undefined;
}

const arnPattern =
  /^(?:arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]*:\d{12}:function:|\d{12}:function:)?([^:]+)(?::([^:]+))?$/;

/** A name, a partial ARN (`123456789012:function:name`) or an ARN, each with or without `:qualifier`; undefined where it is none. */
export function parseFunctionReference(text: string): FunctionReference | undefined {
  const plain = parseFunctionName(text);
  if (plain !== undefined) return { name: plain, qualifier: undefined };
  const match = arnPattern.exec(text);
  const name = parseFunctionName(match?.[1] ?? "");
  return name === undefined ? undefined : { name, qualifier: match?.[2] };
}
