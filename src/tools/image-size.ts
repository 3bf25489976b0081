/** Whether bytes are a whole image, and how large it is. Pure. */
import type { ImageType } from "../chunks/rows";

export type ImageSize = { readonly width: number; readonly height: number };

/** @returns nothing when it is damaged, cut off or of no size: a server refuses every request that holds such a one. */
export function imageSize(bytes: Uint8Array, type: ImageType): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const size = sizeOf(view, type);
    return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // it ends before what it says
    throw error;
  }
}

function sizeOf(view: DataView, type: ImageType): ImageSize | undefined {
  switch (type) {
    case "image/png":
      return pngSize(view);
    case "image/jpeg":
      return jpegSize(view);
    case "image/gif":
      // 0x3b ends the file.
      return lastByte(view) === 0x3b ? { width: view.getUint16(6, true), height: view.getUint16(8, true) } : undefined;
    case "image/webp":
      return webpSize(view);
  }
}

/** w3.org/TR/png: chunks of length, name, data and checksum; the first is IHDR, the last IEND. */
function pngSize(view: DataView): ImageSize | undefined {
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  let hasData = false;
  for (let at = 8; ; at += 12 + view.getUint32(at)) {
    const name = view.getUint32(at + 4);
    if (name === 0x49444154) hasData = true;
    if (name === 0x49454e44) return hasData && view.byteLength >= at + 12 ? size : undefined;
  }
}

/** itu.int T.81: segments of a marker and a length; one of the SOF markers names the size; EOI ends the file. */
function jpegSize(view: DataView): ImageSize | undefined {
  if (!endsWithin(view, 0xff, 0xd9)) return undefined;
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    const isStart = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isStart) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
  }
}

/** developers.google.com/speed/webp, *RIFF container*: lossy, lossless and extended files each say it their own way. */
function webpSize(view: DataView): ImageSize | undefined {
  if (view.byteLength < 8 + view.getUint32(4, true)) return undefined;
  switch (view.getUint32(12)) {
    case 0x56503820: // VP8
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case 0x5650384c: {
      // VP8L
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case 0x56503858: // VP8X
      return { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 };
    default:
      return undefined;
  }
}

const uint24 = (view: DataView, at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);

const lastByte = (view: DataView): number => view.getUint8(view.byteLength - 1);

/** Some cameras write a few bytes behind the end. */
function endsWithin(view: DataView, first: number, second: number): boolean {
  for (let at = view.byteLength - 2; at >= Math.max(0, view.byteLength - 64); at--) {
    if (view.getUint8(at) === first && view.getUint8(at + 1) === second) return true;
  }
  return false;
}
