/**
 * Judging answers: the benchmark functions' comparison of documents, and pictures of known pixels.
 */
import { firstDifference, objectOf, readPng } from "@frugal/functions";

export { firstDifference, objectOf };

interface Size {
  readonly width: number;
  readonly height: number;
}

type Colour = readonly [red: number, green: number, blue: number];

/** What is wrong with `png`, the base64 of a PNG that must show `colourAt` in every pixel; undefined where nothing is. */
export function pictureDifference(
  png: unknown,
  { width, height }: Size,
  colourAt: (x: number, y: number) => Colour,
): string | undefined {
  if (typeof png !== "string") return "output.png is missing";
  const image = readPng(Buffer.from(png, "base64"));
  if (typeof image === "string") return `output.png: ${image}`;
  if (image.width !== width || image.height !== height) {
    return `output.png is ${image.width} x ${image.height}, expected ${width} x ${height}`;
  }
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const wanted = colourAt(x, y).join(" ");
    const shown = image.pixels.subarray(at * 3, at * 3 + 3).join(" ");
    if (shown !== wanted) return `output.png is ${shown} at ${x}, ${y}, expected ${wanted}`;
  }
  return undefined;
}
