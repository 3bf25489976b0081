/** What a file is by its first bytes. Pure. */
import type { ImageType } from "../chunks/rows";

export type FileKind = {
  /** With its article: `a PDF document`. */
  readonly words: string;
  readonly image?: ImageType;
  /** How to get at what is in it by a command. */
  readonly way?: string;
};

const UNZIP = "Use run_shell to list or unpack it (unzip -l, tar -tf).";
const LIST_ZIP = "Use run_shell to list it (unzip -l).";

/** `at`: where the bytes stand, 0 if not said. They are given as Latin-1. */
const KINDS: readonly (FileKind & { readonly bytes: string; readonly at?: number })[] = [
  { bytes: "\x89PNG\r\n\x1a\n", words: "a PNG image", image: "image/png" },
  { bytes: "\xff\xd8\xff", words: "a JPEG image", image: "image/jpeg" },
  { bytes: "GIF87a", words: "a GIF image", image: "image/gif" },
  { bytes: "GIF89a", words: "a GIF image", image: "image/gif" },
  { bytes: "WEBP", at: 8, words: "a WebP image", image: "image/webp" },
  { bytes: "WAVE", at: 8, words: "a WAV sound" },
  { bytes: "BM", words: "a BMP image" },
  { bytes: "II*\0", words: "a TIFF image" },
  { bytes: "MM\0*", words: "a TIFF image" },
  { bytes: "\0\0\x01\0", words: "an icon" },
  { bytes: "ftyp", at: 4, words: "a video or an image in an MP4 container" },
  { bytes: "%PDF-", words: "a PDF document", way: "Use run_shell with pdftotext to get its text." },
  { bytes: "PK\x03\x04", words: "a ZIP archive or an office document", way: LIST_ZIP },
  { bytes: "\x1f\x8b", words: "gzip data", way: UNZIP },
  { bytes: "BZh", words: "bzip2 data", way: UNZIP },
  { bytes: "\xfd7zXZ\0", words: "xz data", way: UNZIP },
  { bytes: "\x28\xb5\x2f\xfd", words: "Zstandard data", way: UNZIP },
  { bytes: "7z\xbc\xaf\x27\x1c", words: "a 7-Zip archive" },
  { bytes: "ustar", at: 257, words: "a tar archive", way: UNZIP },
  { bytes: "SQLite format 3\0", words: "an SQLite database", way: "Use run_shell with sqlite3 to query it." },
  { bytes: "\x7fELF", words: "a Linux program or library" },
  { bytes: "MZ", words: "a Windows program or library" },
  { bytes: "\xcf\xfa\xed\xfe", words: "a macOS program or library" },
  { bytes: "\xca\xfe\xba\xbe", words: "a Java class or a macOS program" },
  { bytes: "\0asm", words: "a WebAssembly module" },
  { bytes: "wOFF", words: "a font" },
  { bytes: "wOF2", words: "a font" },
  { bytes: "\0\x01\0\0\0", words: "a font" },
  { bytes: "OTTO", words: "a font" },
  { bytes: "ID3", words: "an MP3 sound" },
  { bytes: "OggS", words: "an Ogg sound or video" },
  { bytes: "fLaC", words: "a FLAC sound" },
];

/** As many bytes as `kindOfBytes` looks at. */
export const KIND_BYTES = 512;

/** @returns nothing where the bytes say nothing. */
export function kindOfBytes(start: Uint8Array): FileKind | undefined {
  const text = String.fromCharCode(...start.subarray(0, KIND_BYTES));
  const found = KINDS.find(({ bytes, at = 0 }) => text.startsWith(bytes, at));
  if (found === undefined) return undefined;
  const { bytes: _, at: __, ...kind } = found;
  return kind;
}
