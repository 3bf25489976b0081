/** How much is downloaded and loaded: the .vsix and each production bundle. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { zipEntries } from "../support/zip";
import type { Figure } from "./figures";

export async function bench(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-size-"));
  const file = path.join(folder, "dispatch.vsix");
  try {
    execFileSync(process.execPath, ["scripts/package.mjs", file]);
    const bundles = zipEntries(file).filter(({ name }) => name.startsWith("extension/dist/"));
    return [
      { name: "size of the .vsix", value: statSync(file).size, unit: "bytes", note: "aim: under 3,000,000" },
      ...bundles.map(({ name, size }) => ({
        name: `size of ${path.basename(name)}`,
        value: size,
        unit: "bytes" as const,
      })),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
