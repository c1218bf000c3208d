import type { NativePrograms } from "./setup.ts";

/** The sandbox's native programs, as setup and doctor see it. */
export async function nativePrograms(): Promise<NativePrograms> {
  const { buildNativePrograms, areNativeProgramsBuilt } = await import("@frugal/sandbox");
  return { isBuilt: areNativeProgramsBuilt, build: buildNativePrograms };
}
