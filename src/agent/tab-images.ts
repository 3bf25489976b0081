/** The images of a tab on their way into its requests, and how many more it can have. */
import type { Row } from "../chunks/rows";
import type { Store } from "../store/types";
import type { Images } from "../wire/render";

/** The API takes 100 in a request to most models, and 32 MB in all; what is left is for the rest. */
const MAX_IMAGES = 90;
const MAX_BYTES = 15_000_000;

export type TabImages = {
  /** Base64 by blob, for what is being rendered. */
  readonly of: Images;
  /** Takes the bytes of an image whose row is about to be appended. */
  readonly hold: (blob: string, bytes: Uint8Array) => void;
  /** Reads what a body of all these rows needs. */
  readonly load: (rows: readonly Row[]) => Promise<void>;
  /** Rows were appended. Once an answer stands behind them, images are part of frozen text and let go of here. */
  readonly appended: (rows: readonly Row[]) => void;
  /** Whether there are any among the rows so far. */
  readonly any: () => boolean;
  /** @returns why no image of this size has room in the requests of this tab, as a sentence. */
  readonly full: (bytes: number) => string | undefined;
};

export function createTabImages(store: Store): TabImages {
  const held = new Map<string, string>();
  let count = 0;
  let total = 0;

  function appended(rows: readonly Row[]): void {
    for (const row of rows) {
      const image = imageOf(row);
      if (image === undefined) continue;
      count += 1;
      total += image.bytes;
    }
    if (rows.some((row) => row.role === "assistant" && row.type !== "error")) held.clear();
  }

  return {
    of: (blob) => held.get(blob),
    hold: (blob, bytes) => void held.set(blob, Buffer.from(bytes).toString("base64")),
    async load(rows) {
      held.clear();
      [count, total] = [0, 0];
      for (const row of rows) {
        const blob = imageOf(row)?.blob;
        const bytes = blob === undefined ? undefined : await store.getBlob(blob);
        if (blob !== undefined && bytes !== undefined) held.set(blob, Buffer.from(bytes).toString("base64"));
      }
    },
    appended,
    any: () => count > 0,
    full(bytes) {
      if (count >= MAX_IMAGES) return `This chat holds ${count} images already, which is as many as a request takes.`;
      return total + bytes > MAX_BYTES
        ? "The images of this chat are as large together as a request takes already."
        : undefined;
    },
  };
}

function imageOf(row: Row) {
  return row.type === "tool_result" ? row.data.image : undefined;
}

/** For the body of a past request: what its images were, read from their blobs. */
export async function imagesOf(store: Store, rows: readonly Row[]): Promise<Images> {
  const images = createTabImages(store);
  await images.load(rows);
  return images.of;
}
