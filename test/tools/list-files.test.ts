import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { call, prepare, useFolder } from "./folder";

describe("list_files", () => {
  const folder = useFolder();
  const list = (args: unknown) => call(folder().workspace, "list_files", args);

  it("sorts, marks folders and links, and gives sizes", async () => {
    const { put, root } = folder();
    put("b.txt", "12345");
    put("a/deep.txt", "x");
    put("B.txt", "x".repeat(1_234));
    put(".hidden", "");
    put("line\nbreak", "");
    symlinkSync("b.txt", path.join(root, "link"));
    assert.equal(
      (await list({})).text,
      '[.: 6 entries]\n.hidden  0\nB.txt  1,234\na/\nb.txt  5\n"line\\nbreak"  0\nlink  (link)',
    );
    assert.equal((await list({ path: "a" })).text, "[a: 1 entry]\ndeep.txt  1");
  });

  it("says when a folder is empty, missing, a file, or has too many entries", async () => {
    const { put, root } = folder();
    mkdirSync(path.join(root, "empty"));
    put("file.txt", "x");
    for (let i = 0; i < 503; i++) put(`many/f${String(i).padStart(3, "0")}`, "");
    const many = (await list({ path: "many" })).text.split("\n");
    assert.deepEqual(
      [
        (await list({ path: "empty" })).text,
        (await list({ path: "emtpy" })).text,
        (await list({ path: "file.txt" })).text,
        many[0],
        many[500],
        many[501],
        many.length,
      ],
      [
        "[empty: the folder is empty]",
        "There is no folder emtpy. Similar names in its folder: empty/.",
        "file.txt is a file. Use read_file to read it.",
        "[many: 503 entries]",
        "f499  0",
        "[... 3 more not shown. Use find_files to find some of them by a pattern. ...]",
        502,
      ],
    );
  });

  it("says it when the workspace folder itself is gone", async () => {
    rmSync(folder().root, { recursive: true });
    const gone = "The workspace folder does not exist any more: it was moved or deleted while this chat was open.";
    const shell = await prepare(folder().workspace, "run_shell", { command: "true" });
    assert.deepEqual([(await list({})).text, shell.ok ? "" : shell.error], [gone, `${gone} Nothing was run.`]);
  });
});
