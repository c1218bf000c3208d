/**
 * What packing needs to know of a package.json.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FrugalError, messageOf } from "@frugal/core";
import { z } from "zod";

const names = z.union([z.string().transform((name) => [name]), z.array(z.string())]).optional();
const versions = z.record(z.string(), z.string()).default({});

const schema = z.object({
  dependencies: versions,
  optionalDependencies: versions,
  peerDependencies: versions,
  os: names,
  cpu: names,
  libc: names,
});

export interface PackageManifest {
  /** Names of the packages that must be there. */
  readonly required: readonly string[];
  /** Names of the packages that are taken along where they are installed: optional and peer dependencies. */
  readonly optional: readonly string[];
  readonly os: readonly string[];
  readonly cpu: readonly string[];
  readonly libc: readonly string[];
}

/** The package.json of `folder`, or undefined where there is none. A FrugalError `invalid-package` where it cannot be read. */
export async function readPackageManifest(folder: string): Promise<PackageManifest | undefined> {
  const file = join(folder, "package.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const fields = schema.parse(JSON.parse(text));
    const optional = new Set([
      ...Object.keys(fields.optionalDependencies),
      ...Object.keys(fields.peerDependencies),
    ]);
    return {
      required: Object.keys(fields.dependencies).filter((name) => !optional.has(name)),
      optional: [...optional],
      os: fields.os ?? [],
      cpu: fields.cpu ?? [],
      libc: fields.libc ?? [],
    };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new FrugalError(
      "invalid-package",
      `${file} cannot be used: ${reason}\n  Mend it and deploy again.`,
      {
        cause: error,
        details: { file },
      },
    );
  }
}
