/**
 * Expressions for tests: paths, literals, objects, lists, pipes, `+`, comparisons, `and`, `or`, `length`, `error`, as jq has them.
 * `now` counts its evaluations, so that a second one shows.
 */
import type { ExpressionResult, Expressions, Json } from "../../src/index.ts";

type Variables = Readonly<Record<string, Json>>;
type JsonObject = Readonly<Record<string, Json>>;

const token = /\s*(\$?[A-Za-z_]\w*|\d+(?:\.\d+)?|"[^"]*"|==|!=|<=|>=|[.[\](){}|,:+<>-]|\.[A-Za-z_]\w*)/y;

export class TinyJq implements Expressions {
  /** How often the time was asked for. */
  evaluationsOfNow = 0;

  evaluate(program: string, input: Json, variables: Variables): ExpressionResult {
    try {
      const reader = new Reader(tokensOf(program), variables, () => ++this.evaluationsOfNow);
      return { kind: "value", value: reader.whole(input) };
    } catch (error) {
      return { kind: "fault", reason: error instanceof Error ? error.message : String(error) };
    }
  }
}

function tokensOf(program: string): readonly string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (program.slice(token.lastIndex).trim() !== "") {
    const at = token.lastIndex;
    const match = token.exec(program);
    if (match === null) throw new Error(`syntax error at ${at} of ${program}`);
    tokens.push(match[1] ?? "");
  }
  return tokens;
}

/** Reads and evaluates in one go. */
class Reader {
  readonly #tokens: readonly string[];
  readonly #variables: Variables;
  readonly #now: () => number;
  #at = 0;

  constructor(tokens: readonly string[], variables: Variables, now: () => number) {
    this.#tokens = tokens;
    this.#variables = variables;
    this.#now = now;
  }

  whole(input: Json): Json {
    const value = this.#pipe(input);
    if (this.#at < this.#tokens.length) throw new Error(`unexpected ${String(this.#tokens[this.#at])}`);
    return value;
  }

  #pipe(input: Json): Json {
    let value = this.#either(input);
    while (this.#takes("|")) value = this.#either(value);
    return value;
  }

  #either(input: Json): Json {
    let value = this.#both(input);
    while (this.#takes("or")) value = [value, this.#both(input)].some(isTrue);
    return value;
  }

  #both(input: Json): Json {
    let value = this.#comparison(input);
    while (this.#takes("and")) value = [value, this.#comparison(input)].every(isTrue);
    return value;
  }

  #comparison(input: Json): Json {
    const left = this.#sum(input);
    for (const [sign, holds] of Object.entries(comparisons))
      if (this.#takes(sign)) return holds(left, this.#sum(input));
    return left;
  }

  #sum(input: Json): Json {
    let value = this.#term(input);
    for (;;) {
      if (this.#takes("+")) value = added(value, this.#term(input));
      else if (this.#takes("-")) value = Number(value) - Number(this.#term(input));
      else return value;
    }
  }

  #term(input: Json): Json {
    let value = this.#primary(input);
    for (;;) {
      if (this.#takes(".")) value = property(value, this.#next());
      else if (this.#takes("[")) {
        value = property(value, this.#pipe(input));
        this.#expect("]");
      } else return value;
    }
  }

  #primary(input: Json): Json {
    const next = this.#next();
    if (next === ".")
      return /^[A-Za-z_]/.test(this.#tokens[this.#at] ?? "") && this.#isName()
        ? property(input, this.#next())
        : input;
    if (next === "(") return this.#until(")", () => this.#pipe(input));
    if (next === "[") return this.#takes("]") ? [] : this.#until("]", () => this.#items(input));
    if (next === "{") return this.#object(input);
    if (next.startsWith('"')) return next.slice(1, -1);
    if (/^\d/.test(next)) return Number(next);
    if (next.startsWith("$")) return this.#variable(next.slice(1));
    if (next === "now") return this.#now();
    if (next === "length")
      return Array.isArray(input) ? input.length : Object.keys(Object(input) as object).length;
    if (next === "error") throw new Error("error");
    if (next in words) return words[next] ?? null;
    throw new Error(`unknown ${next}`);
  }

  #isName(): boolean {
    return !["or", "and", "length"].includes(this.#tokens[this.#at] ?? "");
  }

  #variable(name: string): Json {
    const value = this.#variables[name];
    if (value === undefined) throw new Error(`$${name} is not defined`);
    return value;
  }

  #items(input: Json): Json {
    const items = [this.#either(input)];
    while (this.#takes(",")) items.push(this.#either(input));
    return items;
  }

  #object(input: Json): Json {
    const entries: [string, Json][] = [];
    while (!this.#takes("}")) {
      const name = this.#next().replaceAll('"', "");
      this.#expect(":");
      entries.push([name, this.#either(input)]);
      this.#takes(",");
    }
    return Object.fromEntries(entries);
  }

  #until(closer: string, read: () => Json): Json {
    const value = read();
    this.#expect(closer);
    return value;
  }

  #next(): string {
    const next = this.#tokens[this.#at++];
    if (next === undefined) throw new Error("unexpected end");
    return next;
  }

  #takes(wanted: string): boolean {
    const isThere = this.#tokens[this.#at] === wanted;
    if (isThere) this.#at++;
    return isThere;
  }

  #expect(wanted: string): void {
    if (!this.#takes(wanted)) throw new Error(`${wanted} expected`);
  }
}

const words: Readonly<Record<string, Json>> = { true: true, false: false, null: null };
const isTrue = (value: Json): boolean => value !== null && value !== false;

const comparisons: Readonly<Record<string, (one: Json, other: Json) => boolean>> = {
  "==": (one, other) => JSON.stringify(one) === JSON.stringify(other),
  "!=": (one, other) => JSON.stringify(one) !== JSON.stringify(other),
  "<=": (one, other) => Number(one) <= Number(other),
  ">=": (one, other) => Number(one) >= Number(other),
  "<": (one, other) => Number(one) < Number(other),
  ">": (one, other) => Number(one) > Number(other),
};

function added(one: Json, other: Json): Json {
  if (one === null) return other;
  if (other === null) return one;
  if (typeof one === "number" && typeof other === "number") return one + other;
  if (typeof one === "string" && typeof other === "string") return one + other;
  if (Array.isArray(one) && Array.isArray(other)) return [...(one as Json[]), ...(other as Json[])];
  if (isPlain(one) && isPlain(other)) return { ...one, ...other };
  throw new Error(`${JSON.stringify(one)} and ${JSON.stringify(other)} cannot be added`);
}

function property(value: Json, key: Json): Json {
  if (value === null) return null;
  if (typeof key === "number" && Array.isArray(value)) return (value as Json[])[key] ?? null;
  if (isPlain(value)) return value[asName(key)] ?? null;
  throw new Error(`Cannot index ${JSON.stringify(value)} with ${JSON.stringify(key)}`);
}

const asName = (key: Json): string => (typeof key === "string" ? key : JSON.stringify(key));

const isPlain = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
