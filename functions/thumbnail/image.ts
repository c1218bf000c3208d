/**
 * An image in memory: rows of RGB, 8 bits a channel, and nothing between them.
 */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}
