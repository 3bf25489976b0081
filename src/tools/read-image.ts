/** An image for the model to look at. */
import type { ImageType } from "../chunks/rows";
import { imageSize } from "./image-size";
import { failure } from "./tool-helpers";
import { count } from "./truncate";
import type { Resolved, RunContext, ToolOutput, Workspace } from "./types";

/** Base64 makes it a third longer; 5 MB is what every server that takes images accepts. */
const MAX_BYTES = 3_750_000;
/** Above it, a request with more than 20 images is refused. */
const MAX_SIDE = 2_000;

export async function readImage(
  workspace: Workspace,
  { path, shown }: Resolved,
  { words, type, size }: { readonly words: string; readonly type: ImageType; readonly size: number },
  { noImage }: RunContext,
): Promise<ToolOutput> {
  const what = `${shown} is ${words} (${count(size)} bytes)`;
  const why = noImage(size);
  if (why !== undefined) {
    return failure(
      `${what}. ${why} Use run_shell with a program that reads it (file, identify, tesseract).`,
      "an image",
    );
  }
  if (size > MAX_BYTES) {
    return failure(
      `${what}, which is too large to be shown to you: at most ${count(MAX_BYTES)} bytes. ${SCALE}`,
      "too large",
    );
  }
  const bytes = await workspace.readBytes(path, MAX_BYTES);
  if ("error" in bytes) return failure(bytes.error);
  const pixels = imageSize(bytes, type);
  if (pixels === undefined) {
    return failure(`${what}, but it is damaged or not complete, so it can't be shown to you.`, "damaged");
  }
  const { width, height } = pixels;
  if (Math.max(width, height) > MAX_SIDE) {
    return failure(
      `${what} of ${width}×${height} pixels, at most ${count(MAX_SIDE)} to a side can be shown to you. ${SCALE}`,
      "too large",
    );
  }
  return {
    text: `[${shown}: ${words}, ${width}×${height} pixels, ${count(bytes.length)} bytes]`,
    isError: false,
    summary: `${width}×${height}`,
    image: { bytes, mediaType: type, width, height },
  };
}

const SCALE = "Use run_shell to make a smaller copy (convert in.png -resize 1500x1500 out.png), and read that.";
