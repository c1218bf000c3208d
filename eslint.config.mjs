// ESLint reads no TypeScript without a further package; Node does.
export { lintConfig as default } from "./tools/lint/lint-config.ts";
