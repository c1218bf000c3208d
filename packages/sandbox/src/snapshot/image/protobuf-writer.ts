/**
 * The other way of `protobuf.ts`: fields to a message.
 */
import type { MessageField } from "./protobuf.ts";

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** A message of integers and length-delimited fields: of those of fixed size the kind of field is not known. */
export const messageOf = (fields: Iterable<MessageField>): Buffer =>
  Buffer.concat(
    [...fields].flatMap(({ number, ...field }) =>
      field.kind === "integer"
        ? [varint(number * 8 + VARINT), varint(field.value)]
        : [varint(number * 8 + LENGTH_DELIMITED), varint(field.value.length), field.value],
    ),
  );

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}
