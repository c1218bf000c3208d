/**
 * The header by which experiments say how an instance is started for an invocation.
 */
import { FrugalError, type StartWish } from "@frugal/core";
import { z } from "zod";

/** `pooled` is the platform's best start: prefetch with everything that was made ahead. The others use none of that. */
const wishes = {
  boot: { kind: "boot", pooled: false },
  eager: { kind: "eager", pooled: false },
  lazy: { kind: "lazy", pooled: false },
  prefetch: { kind: "prefetch", pooled: false },
  pooled: { kind: "prefetch", pooled: true },
} as const satisfies Record<string, StartWish>;

const names = Object.keys(wishes).join(", ");

export const wishHeader = z.object({
  "x-frugal-start": z
    .string()
    .optional()
    .meta({ description: `For experiments: start an instance for this invocation alone, by ${names}` }),
});

/** What the request's header wishes, if it has one; FrugalError invalid-request where nothing is called so. */
export function startWishOf(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): StartWish | undefined {
  const name = headers["x-frugal-start"];
  if (name === undefined) return undefined;
  const known: Readonly<Record<string, StartWish>> = wishes;
  const wish = typeof name === "string" && Object.hasOwn(known, name) ? known[name] : undefined;
  if (wish === undefined)
    throw new FrugalError(
      "invalid-request",
      `x-frugal-start: ${JSON.stringify(name)} is no way to start; use one of ${names}`,
    );
  return wish;
}
