/**
 * ESLint's configuration: typescript-eslint's strictest sets, the house's limits, and the walls around pure packages.
 */
import type { Linter } from "eslint";
import { defineConfig } from "eslint/config";
import { configs } from "typescript-eslint";
import { purePackages } from "../house-plan.ts";
import { castOwnerFiles, castRestrictions, impureGlobals, impureProperties } from "./restrictions.ts";

const typed = ["**/*.ts"];
const untyped = ["**/*.mjs", "**/*.js", "**/*.cjs"];
const tests = ["**/*.test.ts", "packages/*/test/**", "test/**", "bench/**"];

/** Mistakes that neither the compiler nor typescript-eslint's sets report. */
const mistakes: Linter.RulesRecord = {
  eqeqeq: ["error", "always", { null: "ignore" }],
  "no-async-promise-executor": "error",
  "no-cond-assign": "error",
  "no-constant-binary-expression": "error",
  "no-control-regex": "error",
  "no-debugger": "error",
  "no-empty": "error",
  "no-empty-character-class": "error",
  "no-irregular-whitespace": "error",
  "no-misleading-character-class": "error",
  "no-param-reassign": "error",
  "no-prototype-builtins": "error",
  "no-regex-spaces": "error",
  "no-self-assign": "error",
  "no-self-compare": "error",
  "no-sparse-arrays": "error",
  "no-unmodified-loop-condition": "error",
  "no-unsafe-finally": "error",
  "no-unsafe-optional-chaining": "error",
  "no-useless-backreference": "error",
  "no-useless-catch": "error",
  "no-useless-escape": "error",
  "require-yield": "error",
  "use-isnan": "error",
  "valid-typeof": "error",
};

const limits: Linter.RulesRecord = {
  "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
  "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
};

const typedRules: Linter.RulesRecord = {
  "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
  "@typescript-eslint/max-params": ["error", { max: 4 }],
  "@typescript-eslint/no-confusing-void-expression": [
    "error",
    { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
  ],
  "@typescript-eslint/no-import-type-side-effects": "error",
  "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
  "@typescript-eslint/no-unnecessary-condition": [
    "error",
    { allowConstantLoopConditions: "only-allowed-literals" },
  ],
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
  "@typescript-eslint/switch-exhaustiveness-check": "error",
};

const isPure = `packages/{${purePackages.join(",")}}/**/*.ts`;

export const lintConfig = defineConfig(
  {
    ignores: ["**/node_modules/**", "**/.build/**", ".frugal/**", "**/fixtures/**", "functions/*/inputs/**"],
  },
  { linterOptions: { reportUnusedDisableDirectives: "error" }, rules: { ...mistakes, ...limits } },
  {
    files: typed,
    extends: [configs.strictTypeChecked, configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: { ...typedRules, "no-restricted-syntax": ["error", ...castRestrictions(undefined)] },
  },
  castOwnerFiles.map((file) => ({
    files: [file],
    rules: { "no-restricted-syntax": ["error", ...castRestrictions(file)] },
  })),
  { files: untyped, extends: [configs.base] },
  { files: ["packages/*/src/**"], ignores: ["packages/cli/**"], rules: { "no-console": "error" } },
  {
    files: [isPure],
    rules: {
      "no-restricted-globals": ["error", ...impureGlobals],
      "no-restricted-properties": ["error", ...impureProperties],
    },
  },
  { files: tests, rules: { "max-lines-per-function": "off" } },
);
