export { configurationDocument, type SettingDocument } from "./configuration-document.ts";
export { type DaemonOptions, defaultDataDirectory } from "./config.ts";
export { type RunningDaemon, runDaemon } from "./run-daemon.ts";
export { parseWorkflow } from "./workflows/definition/parse-workflow.ts";
