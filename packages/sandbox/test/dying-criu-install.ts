/**
 * Installs criu on the fake host in the folder that it is told.
 */
import { installCriu } from "../src/snapshot/criu/install-criu.ts";
import { fakeCriuHost } from "./fake-criu-host.ts";

const [, , root = ""] = process.argv;
await installCriu(fakeCriuHost({ root }));
