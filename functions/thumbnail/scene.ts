/**
 * The picture that thumbnails are made of: a landscape given by formulas, so that it can be drawn at any size and a thumbnail
 * be compared with what it should show.
 */
import type { Image } from "./image.ts";

type Colour = readonly [red: number, green: number, blue: number];

/** The colour at a point; both coordinates run from 0 to 1, from the upper left corner. */
function colourAt(x: number, y: number): Colour {
  const sun = (x - 0.75) ** 2 + (y - 0.22) ** 2;
  if (sun < 0.012) return [250, 220, 90];
  const hill = 0.62 + 0.12 * Math.sin(7 * x) + 0.05 * Math.sin(23 * x);
  if (y < hill) return [70 + 120 * y, 120 + 110 * y, 235 - 20 * y];
  const fence = Math.floor(x * 24) % 3 === 0 && y > 0.8 && y < 0.9;
  if (fence) return [120, 80, 50];
  return [40 + 60 * (y - hill), 150 - 90 * (y - hill), 60];
}

/** The scene in `width` by `height`, each pixel the colour at its centre. */
export function drawScene(width: number, height: number): Image {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const value of colourAt((x + 0.5) / width, (y + 0.5) / height)) pixels[i++] = value;
    }
  }
  return { width, height, pixels };
}

/** How far `image` is from the scene: absolute differences of channels (0 to 255), their mean and the largest. */
export function differenceFromScene(image: Image): { readonly mean: number; readonly largest: number } {
  const { width, height, pixels } = image;
  let sum = 0;
  let largest = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const value of averageColour(x, y, width, height)) {
        const difference = Math.abs(value - (pixels[i++] ?? 0));
        sum += difference;
        largest = Math.max(largest, difference);
      }
    }
  }
  return { mean: sum / pixels.length, largest };
}

const samples = 4;

/** The average colour of the scene in the area of one pixel. */
function averageColour(x: number, y: number, width: number, height: number): Colour {
  let [red, green, blue] = [0, 0, 0];
  for (let sample = 0; sample < samples ** 2; sample++) {
    const inX = ((sample % samples) + 0.5) / samples;
    const inY = (Math.floor(sample / samples) + 0.5) / samples;
    const colour = colourAt((x + inX) / width, (y + inY) / height);
    red += colour[0];
    green += colour[1];
    blue += colour[2];
  }
  const share = 1 / samples ** 2;
  return [red * share, green * share, blue * share];
}
