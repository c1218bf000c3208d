// Miniflare: workerd, V8 isolates in one process, behind its own HTTP server.
import { Miniflare } from "miniflare";

const worker = `export default { async fetch(request) { return Response.json(await request.json()); } }`;
const miniflare = new Miniflare({
  modules: true,
  script: worker,
  host: "127.0.0.1",
  port: 0,
  compatibilityDate: "2026-01-01",
});
console.log(String(await miniflare.ready));
