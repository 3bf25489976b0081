import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { call, plan, prepare, useFolder } from "./folder";

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

  it("marks what ignore files leave out, and nothing that is merely empty", async () => {
    const { put, root } = folder();
    put(".gitignore", "/dist/\n*.log\n!keep.log\n");
    for (const name of ["a.log", "keep.log", "dist/out.js", "src/b.log", "src/a.ts", "logs/x.log", ".git/HEAD"])
      put(name, "x");
    mkdirSync(path.join(root, "empty"));
    symlinkSync("/", path.join(root, "way"));
    assert.deepEqual((await list({})).text.split("\n").slice(1), [
      ".git/  (ignored)",
      ".gitignore  23",
      "a.log  1  (ignored)",
      "dist/  (ignored)",
      "empty/",
      "keep.log  1",
      "logs/  (ignored)",
      "src/",
      "way  (link)",
    ]);
    assert.equal((await list({ path: "src" })).text, "[src: 2 entries]\na.ts  1\nb.log  1  (ignored)");
    assert.equal((await list({ path: "dist" })).text, "[dist: 1 entry]\nout.js  1");
  });

  it("shows several levels, without ignored folders and links, upper levels first", async () => {
    const { put, root } = folder();
    put(".gitignore", "dist\n");
    for (const name of ["src/a/b/c/deep.ts", "src/z.ts", "dist/out.js", "README.md"]) put(name, "x");
    symlinkSync("src", path.join(root, "way"));
    const tree = [
      ".gitignore  5",
      "README.md  1",
      "dist/  (ignored)",
      "src/",
      "src/a/",
      "src/a/b/",
      "src/z.ts  1",
      "way  (link)",
    ];
    assert.equal((await list({ depth: 3 })).text, ["[.: 8 entries]", ...tree].join("\n"));
    for (let i = 0; i < 500; i++) put(`src/a/f${i}`, "");
    const crowded = (await list({ depth: 5 })).text.split("\n");
    assert.deepEqual(crowded, [
      "[.: 7 entries]",
      ...tree.slice(0, 4),
      "src/a/  (501 entries not shown)",
      ...tree.slice(6),
    ]);
    const below = await plan(folder().workspace, "list_files", { path: "..", depth: 2 });
    assert.deepEqual(below.effect, { kind: "read", path: folder().outer, inside: false, deep: true });
  });

  it("lists without marks where ripgrep is not there", async () => {
    folder().put("a.log", "x");
    const without = { ...folder().workspace, ripgrep: async () => ({ kind: "missing" }) as const };
    assert.equal(
      (await call(without, "list_files", {})).text,
      "[.: 1 entry]\na.log  1\n[which of these are ignored is not known: ripgrep was not found]",
    );
  });

  it("says it when the workspace folder itself is gone", async () => {
    rmSync(folder().root, { recursive: true });
    const gone = "The workspace folder does not exist any more: it was moved or deleted while this chat was open.";
    const shell = await prepare(folder().workspace, "run_shell", { command: "true" });
    assert.deepEqual([(await list({})).text, shell.ok ? "" : shell.error], [gone, `${gone} Nothing was run.`]);
  });
});
