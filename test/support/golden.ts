/** Texts that were looked at once and must stay as they are: `test/<area>/golden/<name>.txt`. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Holds `text` to the golden file. On a difference the text is written beside it as `.actual`. With `UPDATE_GOLDEN=1`
 * the file is written instead: look at the diff before you commit it. Tests run from the root of the checkout.
 * @param name area and name: `wire/two-turns`.
 */
export function golden(name: string, text: string): void {
  const [area = "", ...rest] = name.split("/");
  const file = path.join("test", area, "golden", `${rest.join("/")}.txt`);
  const actual = file.replace(/txt$/, "actual");
  if (process.env.UPDATE_GOLDEN === "1") {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    rmSync(actual, { force: true });
    return;
  }
  const expected = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (text === expected) {
    rmSync(actual, { force: true });
    return;
  }
  mkdirSync(path.dirname(actual), { recursive: true });
  writeFileSync(actual, text);
  assert.equal(text, expected, `${file} differs; see ${actual}`);
}
