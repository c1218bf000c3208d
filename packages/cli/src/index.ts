export { PlatformClient } from "./client/platform-client.ts";
export { Transport } from "./client/transport.ts";
export { packFolder } from "./package/pack-folder.ts";
export { type PlatformProcess, startPlatformProcess } from "./up/platform-process.ts";
