/**
 * Which platform a command talks to: flags, environment, then what a running platform left in its data directory.
 */
import type { CommandContext } from "../command.ts";
import {
  type DataDirectoryWish,
  dataDirectoriesToSearch,
  isRoot,
  readApiKey,
  readEndpoint,
} from "../data-directory.ts";
import { text } from "../flags.ts";
import type { PlatformClient } from "./platform-client.ts";

export const DEFAULT_PORT = 8787;
const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;

/** The flags of every command that talks to a platform. */
export const connectionFlags = {
  endpoint: text("URL", "the platform's address (or FRUGAL_ENDPOINT; default: the one running here)"),
  apiKey: text("KEY", "the platform's key (or FRUGAL_API_KEY; default: the one in its data directory)"),
  data: text("DIR", "the data directory of a platform on this machine (or FRUGAL_DATA)"),
} as const;

export interface ConnectionWish {
  readonly endpoint: string | undefined;
  readonly apiKey: string | undefined;
  readonly data: string | undefined;
}

interface Connection {
  readonly url: string;
  readonly apiKey: string | undefined;
}

async function findConnection(wish: ConnectionWish, context: CommandContext): Promise<Connection> {
  const { environment, workingDirectory } = context;
  const place: DataDirectoryWish = { data: wish.data, environment, workingDirectory, isRoot: isRoot() };
  const asked = wish.endpoint ?? given(environment["FRUGAL_ENDPOINT"]);
  const askedKey = wish.apiKey ?? given(environment["FRUGAL_API_KEY"]);
  for (const folder of dataDirectoriesToSearch(place)) {
    const endpoint = await readEndpoint(folder);
    if (endpoint === undefined || (asked !== undefined && originOf(asked) !== originOf(endpoint.url)))
      continue;
    return { url: asked ?? endpoint.url, apiKey: askedKey ?? (await readApiKey(folder)) };
  }
  // A key found on this machine is for the platform of this machine: it is never sent elsewhere.
  return { url: asked ?? DEFAULT_URL, apiKey: askedKey };
}

/** Calls `use` with a client of the platform, and closes it whatever happens. */
export async function withClient<T>(
  wish: ConnectionWish,
  context: CommandContext,
  use: (client: PlatformClient) => Promise<T>,
): Promise<T> {
  // Loaded when they are needed: most of a command line's start would be theirs.
  const [{ Transport }, client] = await Promise.all([
    import("./transport.ts"),
    import("./platform-client.ts"),
  ]);
  const transport = new Transport(await findConnection(wish, context));
  try {
    return await use(new client.PlatformClient(transport));
  } finally {
    await transport.close();
  }
}

const given = (value: string | undefined): string | undefined => (value === "" ? undefined : value);

const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);
