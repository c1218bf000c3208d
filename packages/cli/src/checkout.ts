/**
 * Where this checkout of Frugal is: what the launcher, setup and tests share.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** The folder with the launcher. */
export const checkoutFolder: string = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/** What the checkout's package.json says of Frugal. */
export const checkoutManifest = (): { readonly version: string; readonly description: string } =>
  z
    .object({ version: z.string(), description: z.string() })
    .parse(JSON.parse(readFileSync(join(checkoutFolder, "package.json"), "utf8")));
