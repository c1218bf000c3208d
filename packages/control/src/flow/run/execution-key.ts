/**
 * Names of tasks and of their executions.
 *
 * A task's pointer is its place in the definition (RFC 6901), like `/do/1/resize`. The key of an execution has the numbers of
 * what repeats it after the parts they belong to: `/do/1/each#i2/do/0/resize#v3` is the third visit of a task in the third
 * iteration. `#` itself is written `~2` in keys, so that no name can look like a number.
 */
const markOf = { iteration: "i", visit: "v", attempt: "a", call: "c", value: "x", event: "e" } as const;

/** `key` with a number of one kind. */
export const numbered = (key: string, kind: keyof typeof markOf, number: number): string =>
  `${key}#${markOf[kind]}${number}`;

/** The part of a pointer that `name` is. */
export const pointerPart = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** The part of a key that `name` is. */
export const keyPart = (name: string): string => pointerPart(name).replaceAll("#", "~2");

/** The pointer of the task that an execution is one of. */
export const taskOfExecution = (key: string): string =>
  key
    .split("/")
    .map((part) => part.replace(/#.*$/, "").replaceAll("~2", "#"))
    .join("/");

/**
 * The execution of a task that a key belongs to: without numbers of values, events and attempts, and without the mark of a
 * function's own task, which stands in the place of its call.
 */
export const executionOf = (key: string): string => key.replace(/(?:#[xeac]\d+)+$/, "");
