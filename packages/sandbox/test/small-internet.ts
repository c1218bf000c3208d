/**
 * A network of the test's own behind the host: a namespace with a public, a private and a metadata address, and an HTTP
 * server on all of them.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";

export const publicAddress = "203.0.113.10";
export const privateAddress = "10.77.0.10";
export const metadataAddress = "169.254.169.254";
/** The host's own address on the way there. */
export const hostAddress = "203.0.113.1";

const namespace = `internet-${process.pid}`;
const link = `inet${process.pid}`;

export class SmallInternet {
  readonly #server: ChildProcess;

  private constructor(server: ChildProcess) {
    this.#server = server;
  }

  static async open(): Promise<SmallInternet> {
    ip(`netns add ${namespace}
link add ${link} type veth peer name eth0 netns ${namespace}
addr add ${hostAddress}/24 dev ${link}
link set ${link} up
route add ${privateAddress} dev ${link}
route add ${metadataAddress} dev ${link}`);
    ip(
      `link set lo up
addr add ${publicAddress}/24 dev eth0
addr add ${privateAddress}/32 dev eth0
addr add ${metadataAddress}/32 dev eth0
link set eth0 up
route add default via ${hostAddress}`,
      ["-n", namespace],
    );
    const script = [
      "from http.server import ThreadingHTTPServer, BaseHTTPRequestHandler",
      "class Hello(BaseHTTPRequestHandler):",
      "    def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(b'hello')",
      "server = ThreadingHTTPServer(('0.0.0.0', 80), Hello)",
      "print('ready', flush=True)",
      "server.serve_forever()",
    ].join("\n");
    const server = spawn("ip", ["netns", "exec", namespace, "/usr/bin/python3", "-c", script], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await new Promise((resolve) => server.stdout.once("data", resolve));
    return new SmallInternet(server);
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#server.once("exit", resolve));
    this.#server.kill("SIGKILL");
    await gone;
    ip(`netns del ${namespace}`);
  }
}

const ip = (lines: string, options: readonly string[] = []): void => {
  execFileSync("ip", [...options, "-batch", "-"], { input: lines });
};
