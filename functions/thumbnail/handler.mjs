/**
 * Resizes a base64-encoded image to thumbnails, as PNG.
 */
import sharp from "sharp";

// One core's work whatever the host has, and no results kept from one invocation to the next.
sharp.concurrency(1);
sharp.cache(false);

/** @param {{ image: string, widths: number[] }} event */
export const handler = async ({ image, widths }) => {
  const input = Buffer.from(image, "base64");
  const { width, height } = await sharp(input).metadata();
  const thumbnails = [];
  for (const wanted of widths) thumbnails.push(await thumbnail(input, wanted));
  return { width, height, thumbnails };
};

/**
 * @param {Buffer} input
 * @param {number} wanted
 */
async function thumbnail(input, wanted) {
  const { data, info } = await sharp(input).resize(wanted).png().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, image: data.toString("base64") };
}
