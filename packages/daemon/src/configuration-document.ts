/**
 * Every setting of a platform and of a function as plain text, read from the schemas that check them.
 */
import { z } from "zod";
import { configSchema, variables } from "./config.ts";
import { defaultsFor, settingsShape } from "./registry/function-settings.ts";

export interface SettingDocument {
  /** `async.maxInFlight` */
  readonly path: string;
  readonly meaning: string;
  /** The default, or where it comes from. */
  readonly normal: string;
  readonly range: string;
  /** Environment variable that gives it; empty where there is none. */
  readonly variable: string;
}

/** The parts of a JSON Schema that tell something here. `normal` is ours: a default in words. */
const node = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  normal: z.string().optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

const nodeOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });

export const configurationDocument = (): {
  readonly platform: readonly SettingDocument[];
  readonly functions: readonly SettingDocument[];
} => ({ platform: settingsIn(nodeOf(configSchema), []), functions: functionSettings() });

function settingsIn(schema: unknown, path: readonly string[]): SettingDocument[] {
  const found = node.parse(schema);
  if (found.properties === undefined) return [settingOf(found, path.join("."), found.default)];
  return Object.entries(found.properties).flatMap(([key, part]) => settingsIn(part, [...path, key]));
}

function functionSettings(): SettingDocument[] {
  const defaults: Readonly<Record<string, unknown>> = defaultsFor({});
  return Object.entries(settingsShape).map(([name, schema]) =>
    settingOf({ ...node.parse(nodeOf(schema)), ...ownWords[name] }, name, defaults[name]),
  );
}

/** Defaults that differ from host to host, or that a function must give. */
const ownWords: Readonly<Record<string, { readonly normal: string }>> = {
  runtime: { normal: "must be given" },
  handler: { normal: "must be given; `bootstrap` for provided" },
  architectures: { normal: "the host's" },
};

const settingOf = (found: z.infer<typeof node>, path: string, normal: unknown): SettingDocument => ({
  path,
  meaning: found.description ?? "",
  normal: found.normal ?? valueText(normal),
  range: rangeOf(found),
  variable: Object.entries(variables).find(([, setting]) => setting.join(".") === path)?.[0] ?? "",
});

const valueText = (value: unknown): string => (value === "" ? "empty" : `\`${JSON.stringify(value)}\``);

/** Whole numbers without a limit of their own are limited by what a number can hold, which tells nothing. */
function rangeOf({ type, minimum, exclusiveMinimum, maximum, maxLength }: z.infer<typeof node>): string {
  if (maxLength !== undefined) return `up to ${maxLength} characters`;
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  const end = isBounded ? ` to ${maximum}` : "";
  if (type === "integer")
    return `whole, from ${exclusiveMinimum === undefined ? (minimum ?? 0) : exclusiveMinimum + 1}${end}`;
  if (type !== "number") return "";
  return `${exclusiveMinimum === undefined ? `from ${minimum ?? 0}` : `above ${exclusiveMinimum}`}${end}`;
}
