/**
 * What the language allows and this house does not, as entries for ESLint's restriction rules.
 */
import { readFileSync } from "node:fs";

/** A syntax that is refused: an esquery selector and what to do instead. */
export interface SyntaxRestriction {
  readonly selector: string;
  readonly message: string;
}

/** Files that may cast to the types they declare, and the types. */
const castOwners = ["packages/core/src/units.ts", "packages/core/src/ids.ts"] as const;

/** The branded types that `source` declares: `Quantity` and those made with it, and intersections with a brand. */
export const brandedTypes = (source: string): readonly string[] =>
  [...source.matchAll(/^export type (\w+)(?:<[^=]*>)? =\s*(?:Quantity<|\w+ & \{ readonly \[)/gm)].flatMap(
    ([, name]) => name ?? [],
  );

/** For the file at `path`, from the root of the project; undefined stands for every file that owns no type. */
export const castRestrictions = (path: string | undefined): readonly SyntaxRestriction[] =>
  castOwners
    .filter((owner) => owner !== path)
    .flatMap((owner) => {
      const names = brandedTypes(readFileSync(new URL(`../../${owner}`, import.meta.url), "utf8"));
      const type = `TSTypeReference[typeName.name=/^(${names.join("|")})$/]`;
      const message = `Only ${owner} casts to its types; use its constructors`;
      return [
        { selector: `TSAsExpression > ${type}.typeAnnotation`, message },
        { selector: `TSAsExpression > .typeAnnotation ${type}`, message },
        { selector: `TSTypeAssertion ${type}`, message },
      ];
    });

export const castOwnerFiles: readonly string[] = castOwners;

/** Sources of time and chance that a pure package must take as ports. */
export const impureGlobals = [
  { name: "Date", message: "Pure packages take the time as an argument or a Clock" },
  { name: "performance", message: "Pure packages take the time as an argument or a Clock" },
  { name: "crypto", message: "Pure packages draw from a seeded Random" },
  { name: "process", message: "Pure packages know no process" },
] as const;

export const impureProperties = [
  { object: "Math", property: "random", message: "Pure packages draw from a seeded Random" },
] as const;
