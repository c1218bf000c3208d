/**
 * The wire format between the platform and a function's runtime, over the unit's channel (descriptor 3).
 *
 * A frame is a header of 9 bytes and a body: u32 length of the body, u8 kind, u32 invocation (0 outside invocations);
 * little-endian. Payloads are JSON documents and travel as they are: nobody on the way parses or re-encodes them.
 *
 *   invoke       u32 timeout in ms, u32 length of the metadata, metadata, payload
 *                metadata: Latin-1, request id, function ARN, trace id and client context, each ended by a NUL
 *   quiesce      nothing: prepare for being dumped
 *   resume       JSON {environment, entropy}: this process is a clone; its variables, and random bytes in base64
 *   load         JSON {environment, modules?, isTraced?}: load these modules, or else the function that the variables name
 *   hello        f64 moment: the runtime is up and about to load the function
 *   ready        f64 moment: the function is loaded
 *   init-failed  JSON {errorType, errorMessage, stackTrace}: the function could not be loaded
 *   result       f64 CPU seconds, f64 page faults (NaN: unknown), payload
 *   failed       f64 CPU seconds, f64 page faults (NaN: unknown), JSON {errorType, errorMessage, stackTrace}
 *   stdout       bytes that the function wrote
 *   stderr       likewise
 *   uncaught     JSON {errorType, errorMessage, stackTrace}: an error outside the handler's own course, caused by this
 *                invocation; the process ends
 *   dropped      f64 count of bytes that the function wrote beyond the limit of one invocation; precedes its outcome
 *   quiesced     f64 moment: the hooks ran, nothing is going on, the process may be dumped
 *   resumed      f64 moment: the clone is distinct from all others and takes what comes next
 *   hook-failed  JSON {errorType, errorMessage, stackTrace}: the answer to quiesce or resume instead of those two
 *   loaded       f64 moment: the modules are loaded
 *   loading      JSON {files: [{module, path, isDependency}], environmentReads: {name: value or null}, absences?: [path]}:
 *                what loading involved; precedes ready or loaded
 *
 * Only a template (FRUGAL_TEMPLATE in its environment) and its clones are sent quiesce, resume and load, and send the
 * five kinds that answer them. A template `function` loads its function as any start does, and tells of the loading; a
 * template `runtime` says hello and waits for load, which is answered by loaded where it names modules, else by ready; by
 * init-failed where it fails. Where it is traced, loading comes first.
 *
 * A moment is CLOCK_MONOTONIC in seconds, read where it happened: under load the platform hears of it later.
 */
export const frameHeaderLength = 9;

export const frameKind = {
  invoke: 1,
  quiesce: 2,
  resume: 3,
  load: 4,
  hello: 16,
  ready: 17,
  initFailed: 18,
  result: 19,
  failed: 20,
  stdout: 21,
  stderr: 22,
  dropped: 23,
  uncaught: 24,
  quiesced: 25,
  resumed: 26,
  hookFailed: 27,
  loaded: 28,
  loading: 29,
} as const;

/** The first and the last kind that a runtime sends. */
export const firstRuntimeKind = frameKind.hello;
export const lastRuntimeKind = frameKind.loading;

/** Largest result in bytes: AWS Lambda's 6 MB. */
export const resultLimit = 6_291_556;

/** Length of what an outcome begins with: what the invocation has used. */
export const usageLength = 16;

/** Largest body in bytes that a runtime may send: a result and what stands before it. */
export const bodyLimit = resultLimit + usageLength;
