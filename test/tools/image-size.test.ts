import assert from "node:assert/strict";
import fc from "fast-check";
import type { ImageType } from "../../src/chunks/rows";
import { imageSize } from "../../src/tools/image-size";
import { makePng } from "../support/png";

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** The smallest of each kind that says its size as real ones do; only PNG's has pixels. */
const images: readonly (readonly [ImageType, Buffer, number, number])[] = [
  ["image/png", makePng(300, 2), 300, 2],
  ["image/gif", latin1("GIF89a\x2c\x01\x02\0\0\0\0;"), 300, 2],
  ["image/jpeg", latin1("\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x0b\x08\0\x02\x01\x2c\x01\x01\x11\0\xff\xd9"), 300, 2],
  ["image/webp", latin1("RIFF\x16\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x2c\x01\x02\0"), 300, 2],
  ["image/webp", latin1("RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0\x2f\x2b\x41\0\0\0"), 300, 2],
  ["image/webp", latin1("RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x2b\x01\0\x01\0\0"), 300, 2],
];

describe("imageSize", () => {
  it("reads the size of each kind of image", () => {
    for (const [type, bytes, width, height] of images)
      assert.deepEqual(imageSize(bytes, type), { width, height }, type);
  });

  it("gives nothing for one that is cut off, wherever", () => {
    for (const [type, bytes] of images) {
      for (let length = 0; length < bytes.length; length++)
        assert.equal(imageSize(bytes.subarray(0, length), type), undefined, `${type} after ${length} bytes`);
    }
  });

  it("takes any bytes", () => {
    const type = fc.constantFrom<ImageType>("image/png", "image/jpeg", "image/gif", "image/webp");
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), type, (bytes, kind) => void imageSize(bytes, kind)));
  });
});
