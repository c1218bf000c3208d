/**
 * Protocol buffers' wire format, as much of it as criu's images need: a message is a sequence of numbered fields.
 *
 * Integers beyond 2^53 lose their lowest bits; addresses of user space do not reach that far.
 */

/** One field of a message; which of its number and kind mean something is the reader's knowledge. */
export type MessageField =
  | { readonly kind: "integer"; readonly number: number; readonly value: number }
  | { readonly kind: "bytes"; readonly number: number; readonly value: Buffer };

/** The fields of `message` in order; a RangeError where it ends in the middle of one. */
export function* fieldsOf(message: Buffer): Generator<MessageField, void> {
  const reader = new Reader(message);
  while (!reader.isAtEnd) {
    const tag = reader.integer();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { kind: "integer", number, value: reader.integer() };
        break;
      case 1:
        yield { kind: "bytes", number, value: reader.bytes(8) };
        break;
      case 2:
        yield { kind: "bytes", number, value: reader.bytes(reader.integer()) };
        break;
      case 5:
        yield { kind: "bytes", number, value: reader.bytes(4) };
        break;
      default:
        throw new RangeError(`Field ${number} has the unknown wire type ${tag % 8}`);
    }
  }
}

/** Integer fields of `message` by number (of a repeated one the last). */
export function integersOf(message: Buffer): ReadonlyMap<number, number> {
  const integers = new Map<number, number>();
  for (const field of fieldsOf(message))
    if (field.kind === "integer") integers.set(field.number, field.value);
  return integers;
}

class Reader {
  readonly #message: Buffer;
  #position = 0;

  constructor(message: Buffer) {
    this.#message = message;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#message.length;
  }

  /** Base 128, least significant group first, the high bit saying that more follow. */
  integer(): number {
    let value = 0;
    for (let weight = 1; weight < 2 ** 70; weight *= 128) {
      const byte = this.#message[this.#position++];
      if (byte === undefined) throw new RangeError("The message ends in the middle of an integer");
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
    }
    throw new RangeError("An integer is longer than 64 bits");
  }

  bytes(length: number): Buffer {
    const end = this.#position + length;
    if (end > this.#message.length) throw new RangeError(`The message ends in the middle of ${length} bytes`);
    const value = this.#message.subarray(this.#position, end);
    this.#position = end;
    return value;
  }
}
