/** Why `result` is unavailable; fails the test where it is not. */
export function reasonOf(result: { readonly kind: string; readonly reason?: string }): string {
  if (result.kind !== "unavailable" || result.reason === undefined) {
    throw new Error(`Expected an unavailable result, got ${JSON.stringify(result)}`);
  }
  return result.reason;
}
