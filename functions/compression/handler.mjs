/**
 * Writes a few log files and compresses them into one zip archive.
 */
import { strToU8, zipSync } from "fflate";

const COMPONENTS = ["router", "store", "auth", "cache", "mailer", "worker", "billing", "search"];
const LEVELS = ["DEBUG", "INFO", "INFO", "INFO", "WARN", "ERROR"];
const LINES = 256;
const MODIFIED = new Date(2000, 0, 1);

/** @param {{ files: number, bytesPerFile: number, seed: number }} event */
export const handler = async ({ files, bytesPerFile, seed }) => {
  const below = numbers(seed);
  /** @type {Record<string, Uint8Array>} */
  const contents = {};
  for (let file = 0; file < files; file++) {
    contents[`log-${file}.txt`] = strToU8(logText(below, bytesPerFile), true);
  }
  const archive = zipSync(contents, { level: 6, mtime: MODIFIED });
  return {
    files,
    originalBytes: files * bytesPerFile,
    archiveBytes: archive.length,
    archive: Buffer.from(archive).toString("base64"),
  };
};

/**
 * @param {(limit: number) => number} below
 * @param {number} length
 */
function logText(below, length) {
  const lines = Array.from({ length: LINES }, () => {
    const component = COMPONENTS[below(COMPONENTS.length)];
    const level = LEVELS[below(LEVELS.length)];
    return `${level} ${component} request=${below(2 ** 20)} status=${200 + below(300)} took=${below(5000)}us path=/v1/${component}/${below(1000)}\n`;
  });
  let text = "";
  for (let number = 0; text.length < length; number++) text += `${number} ${lines[below(LINES)]}`;
  return text.slice(0, length);
}

/**
 * @param {number} seed
 * @returns {(limit: number) => number}
 */
function numbers(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
