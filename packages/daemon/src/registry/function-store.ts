/**
 * The deployed functions, kept in the database and in memory: reading costs a map look-up.
 *
 * Invariants (cited by the tests):
 *   F1  memory and database agree: a change is in both or in neither
 *   F2  a revision is greater than every earlier one of the platform, also of removed functions
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { bytes, type FunctionName, functionName } from "@frugal/core";
import { storageFailure, transaction } from "./database.ts";
import type { FunctionDefinition } from "./definition.ts";
import { definitionOf, type FunctionSettings, storedSettings } from "./function-settings.ts";

export interface StoredFunction {
  readonly definition: FunctionDefinition;
  /** As they were given, defaults filled in. */
  readonly settings: FunctionSettings;
  /** AWS's execution role, kept for clients that compare; it has no effect. */
  readonly role: string | undefined;
}

export class FunctionStore {
  readonly #database: DatabaseSync;
  readonly #functions = new Map<string, StoredFunction>();
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  #lastRevision = 0;

  /** Reads what is stored; `folderOf` says where the code of a hash lies. */
  constructor(database: DatabaseSync, folderOf: (codeSha256: string) => string) {
    this.#database = database;
    this.#put = database.prepare(
      `INSERT OR REPLACE INTO functions (name, revision, settings, role, code_sha256, code_size, last_modified)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#remove = database.prepare("DELETE FROM functions WHERE name = ?");
    for (const row of database.prepare("SELECT * FROM functions ORDER BY name").all()) {
      const stored = storedFunctionOf(row, folderOf);
      this.#functions.set(stored.definition.name, stored);
      this.#lastRevision = Math.max(this.#lastRevision, stored.definition.revision);
    }
  }

  find(name: string): StoredFunction | undefined {
    return this.#functions.get(name);
  }

  /** All functions, by name. */
  list(): readonly StoredFunction[] {
    return [...this.#functions.values()].sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
  }

  nextRevision(): number {
    return ++this.#lastRevision;
  }

  /** Stores `stored` if `accept` throws no FrugalError; else nothing is changed and the error is thrown on. */
  put(stored: StoredFunction, accept: () => void): void {
    const { definition, settings, role } = stored;
    this.#change(`Function ${definition.name} cannot be stored`, () => {
      this.#put.run(
        definition.name,
        definition.revision,
        JSON.stringify(settings),
        role ?? null,
        definition.codeSha256,
        definition.codeSize,
        definition.lastModified,
      );
      accept();
    });
    this.#functions.set(definition.name, stored);
  }

  remove(name: FunctionName): void {
    this.#change(`Function ${name} cannot be removed`, () => this.#remove.run(name));
    this.#functions.delete(name);
  }

  #change(failure: string, work: () => void): void {
    try {
      transaction(this.#database, work);
    } catch (cause) {
      throw storageFailure(failure, cause);
    }
  }
}

function storedFunctionOf(
  row: Record<string, unknown>,
  folderOf: (sha256: string) => string,
): StoredFunction {
  const settings = storedSettings(String(row["settings"]));
  const codeSha256 = String(row["code_sha256"]);
  const definition = definitionOf(functionName(String(row["name"])), settings, {
    revision: Number(row["revision"]),
    codeSha256,
    codeSize: bytes(Number(row["code_size"])),
    codeDirectory: folderOf(codeSha256),
    lastModified: String(row["last_modified"]),
  });
  return { definition, settings, role: typeof row["role"] === "string" ? row["role"] : undefined };
}
