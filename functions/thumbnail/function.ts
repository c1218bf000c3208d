/**
 * Thumbnail: resize a base64-encoded image.
 *
 * The check decodes the thumbnails itself and compares them with the scene that the image shows; a resampling filter may sharpen
 * or blur edges, so the colours may differ there, but not on the whole.
 */
import type { BenchmarkFunction, InputSize } from "../benchmark-function.ts";
import { firstDifference, objectOf } from "../first-difference.ts";
import { readPng, writePng } from "./png.ts";
import { differenceFromScene, drawScene } from "./scene.ts";

interface ThumbnailPayload {
  /** Base64 of a PNG file. */
  readonly image: string;
  /** Widths of the thumbnails; their heights follow. */
  readonly widths: readonly number[];
}

const work = {
  test: { width: 256, height: 192, widths: [64] },
  small: { width: 1_024, height: 768, widths: [256, 128] },
  large: { width: 2_880, height: 2_160, widths: [960, 640, 512, 480, 384, 320, 256, 192, 128, 96, 64] },
} as const satisfies Record<InputSize, object>;

/** Differences of a colour channel, out of 255, that resampling may cause: everywhere on average, and at an edge. */
const allowed = { mean: 1.5, largest: 50 };

export const thumbnail: BenchmarkFunction = {
  name: "thumbnail",
  summary: "Resizes a base64-encoded image to thumbnails",
  origins: [
    { paper: "kypous", suite: "SeBS", name: "thumbnailer" },
    { paper: "energy-aware-scheduling", suite: "SeBS", name: "Thumbnail" },
  ],
  runtimes: { nodejs: { handler: "handler.handler", folder: "thumbnail" } },
  memoryMebibytes: 512,
  timeoutSeconds: 60,
  payload(size): ThumbnailPayload {
    const { width, height, widths } = work[size];
    return { image: writePng(drawScene(width, height)).toString("base64"), widths };
  },
  check(size, payload: ThumbnailPayload, output) {
    const { width, height } = work[size];
    const answered = objectOf(output)?.["thumbnails"];
    const images = Array.isArray(answered) ? answered.map((each) => objectOf(each)?.["image"]) : [];
    const thumbnails = payload.widths.map((wanted, index) => ({
      width: wanted,
      height: Math.round((height * wanted) / width),
      image: images[index],
    }));
    const difference = firstDifference({ width, height, thumbnails }, output);
    if (difference !== undefined) return difference;
    for (const [index, wanted] of thumbnails.entries()) {
      const wrong = wrongImage(wanted);
      if (wrong !== undefined) return `output.thumbnails[${index}].image: ${wrong}`;
    }
    return undefined;
  },
};

interface Thumbnail {
  readonly width: number;
  readonly height: number;
  readonly image: unknown;
}

function wrongImage({ width, height, image }: Thumbnail): string | undefined {
  if (typeof image !== "string") return "it is missing";
  const file = Buffer.from(image, "base64");
  if (file.toString("base64") !== image) return "it is not base64";
  const decoded = readPng(file);
  if (typeof decoded === "string") return decoded;
  if (decoded.width !== width || decoded.height !== height) {
    return `it is ${decoded.width} x ${decoded.height}, expected ${width} x ${height}`;
  }
  const { mean, largest } = differenceFromScene(decoded);
  if (mean <= allowed.mean && largest <= allowed.largest) return undefined;
  return `it shows something else: colours differ by ${mean.toFixed(1)} on average, ${largest.toFixed(0)} at most`;
}
