/**
 * What the DSL has and this platform does not: refused at deployment, each with its place and what to do instead.
 */
import { parseFunctionName } from "@frugal/core";
import { allTasksOf, isObject, reusableTasks, valueAt } from "./walk-tasks.ts";

/** A property that is not supported wherever it has a value. */
interface Refusal {
  readonly path: readonly string[];
  readonly problem: string;
}

const ofDocument: readonly Refusal[] = [
  { path: ["schedule"], problem: "schedules are not supported: start runs from a timer of your system" },
  { path: ["use", "extensions"], problem: "extensions are not supported: write the tasks out" },
  {
    path: ["use", "catalogs"],
    problem: "catalogs are not supported: define the functions under use.functions",
  },
  { path: ["use", "secrets"], problem: "secrets are not supported: let a function hold them" },
];

const ofTask: readonly Refusal[] = [
  ...["script", "shell", "container"].map((kind) => ({
    path: ["run", kind],
    problem: `run ${kind} is not supported: deploy it as a function and use call`,
  })),
  ...foreignAuthentication(["with", "endpoint", "authentication"]),
];

/** What is not basic or bearer, in a policy at `path`. */
function foreignAuthentication(path: readonly string[]): readonly Refusal[] {
  return ["certificate", "digest", "oauth2", "oidc"].map((kind) => ({
    path: [...path, kind],
    problem: `${kind} authentication is not supported: use basic or bearer, or let a function make the call`,
  }));
}

const foreignCalls: Readonly<Record<string, string>> = {
  grpc: "gRPC calls are not supported: use call http, or let a function make the call",
  openapi: "OpenAPI calls are not supported: use call http with the operation's address",
  asyncapi:
    "AsyncAPI calls are not supported: use call http, emit or listen, or let a function make the call",
};

/** Every use of what is not supported in `definition`, one line each. */
export function unsupportedIn(definition: unknown): readonly string[] {
  const dsl = valueAt(definition, ["document", "dsl"]);
  const own = new Set(reusableTasks(definition).map(({ name }) => name));
  return [
    ...(/^1\.0\.\d+/.test(String(dsl)) ? [] : [`/document/dsl: ${unknownVersion(dsl)}`]),
    ...refused(definition, "", ofDocument),
    ...namesIn(definition, ["use", "authentications"]).flatMap((name) =>
      refused(definition, "", foreignAuthentication(["use", "authentications", name])),
    ),
    ...[...allTasksOf(definition)].flatMap(({ pointer, task }) => {
      const problem = problemOfCall(task["call"], own);
      return [
        ...(problem === undefined ? [] : [`${pointer}/call: ${problem}`]),
        ...refused(task, pointer, ofTask),
      ];
    }),
  ];
}

const unknownVersion = (dsl: unknown): string =>
  dsl === undefined
    ? "it is missing: write dsl: 1.0.0"
    : `version ${JSON.stringify(dsl)} of the DSL is not supported: this platform runs 1.0`;

function problemOfCall(call: unknown, own: ReadonlySet<string>): string | undefined {
  if (typeof call !== "string" || own.has(call)) return undefined;
  if (call.includes("@")) return "functions of catalogs are not supported: define it under use.functions";
  return (
    foreignCalls[call] ??
    (parseFunctionName(call) === undefined
      ? `${JSON.stringify(call)} can be no function's name: use 1 to 64 letters, digits, "-" or "_"`
      : undefined)
  );
}

function namesIn(value: unknown, path: readonly string[]): readonly string[] {
  const found = valueAt(value, path);
  return isObject(found) ? Object.keys(found) : [];
}

const refused = (value: unknown, pointer: string, refusals: readonly Refusal[]): readonly string[] =>
  refusals
    .filter(({ path }) => valueAt(value, path) !== undefined)
    .map(({ path, problem }) => `${pointer}/${path.join("/")}: ${problem}`);
