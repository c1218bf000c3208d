/**
 * The processes of an image: `pstree.img` (criu's images/pstree.proto).
 */
import { readImage } from "./image-file.ts";
import { fieldsOf, integersOf } from "./protobuf.ts";

/** Numbers as in the pid namespace that was dumped. */
export interface ImageProcess {
  readonly pid: number;
  /** 0 where the parent is not in the image. */
  readonly parent: number;
  readonly threads: readonly number[];
}

const processField = { pid: 1, parent: 2, threads: 5 } as const;

/** Parents before children. */
export const readProcessTree = (folder: string): Promise<readonly ImageProcess[]> =>
  readImage({ folder, kind: "pstree" }, (messages) => messages.map(processOf));

function processOf(message: Buffer): ImageProcess {
  const fields = integersOf(message);
  const pid = fields.get(processField.pid);
  if (pid === undefined) throw new RangeError("it has a process without a number");
  return { pid, parent: fields.get(processField.parent) ?? 0, threads: threadsOf(message) };
}

/** Repeated fields, one a thread; the first is the process itself. */
const threadsOf = (message: Buffer): readonly number[] =>
  [...fieldsOf(message)].flatMap((field) =>
    field.number === processField.threads && field.kind === "integer" ? [field.value] : [],
  );
