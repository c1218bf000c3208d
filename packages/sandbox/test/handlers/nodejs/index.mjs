// One handler for the whole contract: the event says what to do.
import { AsyncLocalStorage } from "node:async_hooks";
import { execFileSync } from "node:child_process";
import { closeSync, readdirSync, writeSync } from "node:fs";

const started = Date.now();
const own = new AsyncLocalStorage();

export const handler = async (event, context) => {
  switch (event.do) {
    case "echo":
      return event.value;
    case "fail":
      throw Object.assign(new Error(event.message), { name: "GreetingError" });
    case "log":
      console.log(event.text);
      console.error(`error: ${event.text}`);
      return null;
    case "native":
      execFileSync("sh", ["-c", "echo from a child"], { stdio: ["ignore", 1, 2] });
      return null;
    case "loop":
      console.log("before the loop");
      for (;;);
    case "exit":
      console.log("last words");
      process.exit(event.code);
      break;
    case "environment":
      return process.env[event.name] ?? null;
    case "context":
      return {
        requestId: context.awsRequestId,
        name: context.functionName,
        version: context.functionVersion,
        memory: Number(context.memoryLimitInMB),
        arn: context.invokedFunctionArn,
        remaining: context.getRemainingTimeInMillis(),
        client: context.clientContext?.custom ?? null,
      };
    case "unserialisable":
      return { big: 1n };
    case "large":
      return "x".repeat(event.size);
    case "flood":
      for (let i = 0; i < event.lines; i++) console.log("x".repeat(99));
      return event.lines;
    case "meet":
      return await meet(event);
    case "descriptor":
      return execFileSync("sh", ["-c", "readlink /proc/$$/fd/3 || echo none"], { encoding: "utf8" }).trim();
    case "uncaught":
      return await new Promise(() => setTimeout(() => own.run(1, () => thrower(event.message)), 1));
    case "hoard":
      for (const hoard = []; ;) hoard.push({ number: hoard.length });
    case "meddle":
      writeSync(3, Buffer.from(event.hex, "hex"));
      return null;
    case "hang up":
      closeSync(3);
      return await new Promise((resolve) => setTimeout(resolve, 60_000));
    case "pid":
      return process.pid;
    case "nothing":
      return undefined;
    case "files":
      return readdirSync(process.env.LAMBDA_TASK_ROOT);
    default:
      return { started };
  }
};

const thrower = (message) => {
  throw new RangeError(message);
};

const waiting = [];
/** Returns only when `parties` invocations run at the same time. */
const meet = async ({ parties, name }) => {
  console.log(`${name} is here`);
  await new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === parties) for (const go of waiting.splice(0)) go();
  });
  console.log(`${name} leaves`);
  return name;
};
