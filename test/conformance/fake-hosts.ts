/**
 * Hosts of the outside world on this machine, so that scenarios that call them need no network.
 *
 * A definition's `https://HOST/...` becomes `http://127.0.0.1:PORT/HOST/...`; one server answers for all of them.
 */
import { createServer, type IncomingMessage } from "node:http";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Host = (path: string, request: IncomingMessage) => Answer;

const notFound = (what: string): Answer => ({ status: 404, body: { message: `${what} not found` } });

interface Thing {
  readonly id: number;
  readonly [property: string]: unknown;
}

/** Things by number, and by a property: the shape of many an example API. */
function collection(folder: string, things: readonly Thing[], filter: string): Host {
  return (path) => {
    const { pathname, searchParams } = new URL(path, "http://host");
    if (pathname === `${folder}${filter}`) {
      const wanted = [...searchParams];
      const fits = (thing: Thing): boolean => wanted.every(([key, value]) => thing[key] === value);
      return { status: 200, body: things.filter(fits) };
    }
    const found = things.find(({ id }) => pathname === `${folder}/${id}`);
    return found === undefined ? notFound(pathname) : { status: 200, body: found };
  };
}

/** `/basic-auth/USER/PASSWORD` lets in whoever says both. */
const basicAuth: Host = (path, { headers }) => {
  const [, , user = "", password = ""] = path.split("/");
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  return headers.authorization === expected
    ? { status: 200, body: { authenticated: true, user } }
    : { status: 401, body: { message: "unauthorized" } };
};

const hosts: Readonly<Record<string, Host>> = {
  "petstore.swagger.io": collection(
    "/v2/pet",
    [
      { id: 1, name: "Rex", status: "available" },
      { id: 2, name: "Mia", status: "available" },
    ],
    "/findByStatus",
  ),
  "httpbin.org": basicAuth,
  "books.example": collection(
    "/books",
    [
      { id: 7, title: "Tides", genre: "poetry", pages: 96 },
      { id: 8, title: "Bridges", genre: "history", pages: 410 },
    ],
    "",
  ),
  "vault.example": basicAuth,
};

export interface FakeHosts {
  /** `definition` with the addresses of the hosts here. */
  localised(definition: string): string;
  close(): Promise<void>;
}

export async function openFakeHosts(): Promise<FakeHosts> {
  const server = createServer((request, response) => {
    const [, name = "", ...rest] = (request.url ?? "").split("/");
    const { status, body } = hosts[name]?.(`/${rest.join("/")}`, request) ?? notFound(name);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return {
    localised: (definition) =>
      Object.keys(hosts).reduce(
        (text, name) => text.replaceAll(`https://${name}`, `${base}/${name}`),
        definition,
      ),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
