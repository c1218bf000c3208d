/**
 * The places through which Linux lets clocks be read and set: files of sysfs, and model-specific registers of a processor.
 *
 * Both hold a short text here, so that what is done with them (note what was there, write, put back) is one code. A register's
 * text is the hexadecimal number of those bits that are ours; the other bits are kept as they are.
 */
import { accessSync, closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { messageOf } from "@frugal/core";
import { type PseudoText, readErrorReason, readPseudoText } from "../host/pseudo-file.ts";

export type ControlPoint =
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "register";
      /** `/dev/cpu/<number>/msr` */
      readonly path: string;
      readonly address: number;
      /** The bits that are ours. */
      readonly mask: number;
    };

/** Reads and writes control points. Tests give one that behaves as a kernel on a recorded tree. */
export interface ControlAccess {
  read(point: ControlPoint): PseudoText;
  /** Why it was refused, or undefined where it was taken. */
  write(point: ControlPoint, text: string): string | undefined;
  /** Why this process may not write it, found without writing; or undefined. */
  refusal(point: ControlPoint): string | undefined;
}

export const fileAt = (path: string): ControlPoint => ({ kind: "file", path });

/** What tells a control point from all others. */
export const nameOf = (point: ControlPoint): string =>
  point.kind === "file" ? point.path : `register 0x${point.address.toString(16)} of ${point.path}`;

/** What the kernel shows where a file has no meaning just now, like a clock to be set under another governor. */
export const MEANINGLESS = "<unsupported>";

/** The kernel's own. */
export const kernelAccess: ControlAccess = {
  read: (point) => {
    if (point.kind === "file") return readPseudoText(point.path);
    try {
      const bits = readRegister(point.path, point.address) & BigInt(point.mask);
      return { kind: "text", text: registerText(Number(bits)) };
    } catch (error) {
      return { kind: "unreadable", reason: `${nameOf(point)}: ${readErrorReason(error)}` };
    }
  },
  write: (point, text) => {
    try {
      if (point.kind === "file") writeFile(point.path, text);
      else writeRegister(point, text);
      return undefined;
    } catch (error) {
      return `${nameOf(point)}: ${writeErrorReason(error)}`;
    }
  },
  refusal: ({ path }) => {
    try {
      accessSync(path, constants.W_OK);
      return undefined;
    } catch (error) {
      return `${path}: ${writeErrorReason(error)}`;
    }
  },
};

export const registerText = (bits: number): string => `0x${bits.toString(16)}`;

/** Opens what is there and makes nothing: the kernel's trees answer an attempt to create with a misleading reason. */
function writeFile(path: string, text: string): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_TRUNC);
  try {
    writeSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

const REGISTER_BYTES = 8;

/** The msr driver takes a register's address as the position in the file. */
function readRegister(path: string, address: number): bigint {
  const descriptor = openSync(path, "r");
  try {
    const value = Buffer.alloc(REGISTER_BYTES);
    readSync(descriptor, value, 0, REGISTER_BYTES, address);
    return value.readBigUInt64LE();
  } finally {
    closeSync(descriptor);
  }
}

function writeRegister(point: ControlPoint & { readonly kind: "register" }, text: string): void {
  const mask = BigInt(point.mask);
  const others = readRegister(point.path, point.address) & ~mask;
  const value = Buffer.alloc(REGISTER_BYTES);
  value.writeBigUInt64LE(others | (BigInt(text) & mask));
  const descriptor = openSync(point.path, "r+");
  try {
    writeSync(descriptor, value, 0, REGISTER_BYTES, point.address);
  } finally {
    closeSync(descriptor);
  }
}

function writeErrorReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "permission denied; run Frugal as root, where the kernel allows it at all (lockdown, msr.allow_writes)";
    case "EROFS":
      return "mounted read-only; mount it writable, or run Frugal outside the container";
    case "ENOENT":
    case "ENODEV":
    case "ENXIO":
      return "not there; its driver was unloaded, or its processor taken offline";
    case "EINVAL":
      return "the kernel refuses this value";
    case "EBUSY":
      return "busy; something else holds it";
    default:
      return messageOf(error);
  }
}
