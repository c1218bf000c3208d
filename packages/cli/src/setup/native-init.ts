import type { NativeInit } from "./setup.ts";

/** The sandbox's native init, as setup and doctor see it. */
export async function nativeInit(): Promise<NativeInit> {
  const { buildNativeInit, isNativeInitBuilt } = await import("@frugal/sandbox");
  return { isBuilt: isNativeInitBuilt, build: buildNativeInit };
}
