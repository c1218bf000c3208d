/**
 * A function that no platform has seen, but whose dependencies one may have: a known function's package with its handler in
 * another file, of another content.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StartFunction } from "../functions/start-function.ts";

const syntax = {
  nodejs: { extension: ".mjs", comment: "//" },
  python3: { extension: ".py", comment: "#" },
} as const;

/** A copy of one function's folder, in which one stranger after another is made. */
export class Strangers {
  readonly #known: StartFunction;
  readonly #folder: string;
  #made = 0;

  private constructor(known: StartFunction, folder: string) {
    this.#known = known;
    this.#folder = folder;
  }

  static async of(known: StartFunction): Promise<Strangers> {
    const folder = await mkdtemp(join(tmpdir(), "frugal-stranger-"));
    await cp(known.folder, folder, { recursive: true });
    return new Strangers(known, folder);
  }

  /** In the place of the one before, which must have been deployed. */
  async next(): Promise<StartFunction> {
    const { settings, name } = this.#known;
    const { extension, comment } = syntax[settings.runtime];
    const [module = "", entry] = settings.handler.split(".");
    const pathOf = (file: string): string => join(this.#folder, `${file}${extension}`);
    const own = `stranger_${++this.#made}`;
    const code = await readFile(join(this.#known.folder, `${module}${extension}`), "utf8");
    for (const earlier of [module, `stranger_${this.#made - 1}`]) await rm(pathOf(earlier), { force: true });
    await writeFile(pathOf(own), `${code}\n${comment} ${own} of ${name}\n`);
    const handler = `${own}.${entry ?? "handler"}`;
    return {
      ...this.#known,
      name: `${name}-stranger-${this.#made}`,
      folder: this.#folder,
      settings: { ...settings, handler },
    };
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
