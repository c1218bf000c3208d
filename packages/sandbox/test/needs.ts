/**
 * What tests need of the host. In CI a test whose need is missing runs, and fails, instead of being left out unseen.
 */
import { existsSync } from "node:fs";
import { isCriuInstalled } from "../src/snapshot/criu/is-criu-installed.ts";

const isCi = process.env["CI"] !== undefined;

const isRoot = process.getuid?.() === 0;
const hasCompiler = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].some((path) => existsSync(path));
const hasPython = existsSync("/usr/bin/python3");
const hasNetworkTools = ["/usr/sbin/nft", "/usr/sbin/ip"].every((path) => existsSync(path));

/** For `it.skipIf`: whether this host has no root, no compiler for the native init, or no Python to run inside units. */
export const cannotIsolate = !isCi && !(isRoot && hasCompiler && hasPython);
/** The same, or no nftables or iproute2. */
export const cannotNetwork = cannotIsolate || (!isCi && !hasNetworkTools);
/** Whether `frugal setup` has installed no criu, or this is not root. */
export const cannotRunCriu = !isCi && !(isRoot && isCriuInstalled());
export const isNotRoot = !isCi && !isRoot;
