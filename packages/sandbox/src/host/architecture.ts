import type { Architecture } from "@frugal/core";

/** The architecture of this host's processor: what its functions' native code must be made for. */
export const hostArchitecture: Architecture = process.arch === "arm64" ? "arm64" : "x86_64";
