import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { call, plan, refused, runContext, useFolder } from "./folder";

describe("read_file", () => {
  const folder = useFolder();
  const read = (args: unknown) => call(folder().workspace, "read_file", args);

  it("numbers the lines and says what range they are", async () => {
    folder().put("a.txt", "one\ntwo\n\tthree\n");
    assert.deepEqual(await read({ path: "a.txt" }), {
      text: "[a.txt: 3 lines]\n1\tone\n2\ttwo\n3\t\tthree",
      isError: false,
      summary: "3 lines",
      limits: { characters: 64_000, lines: 5_010 },
    });
    assert.equal(
      (await read({ path: "a.txt", offset: 2, limit: 1 })).text,
      "[a.txt: lines 2-2 of 3; go on with offset 3]\n2\ttwo",
    );
  });

  it("reads 500 lines unless told, and any range of a large file", async () => {
    folder().put("big.txt", Array.from({ length: 12_345 }, (_, i) => `l${i + 1}`).join("\n"));
    const first = (await read({ path: "big.txt" })).text.split("\n");
    assert.deepEqual(
      [first[0], first[500], first.length],
      ["[big.txt: lines 1-500 of 12,345; go on with offset 501]", "500\tl500", 501],
    );
    const last = (await read({ path: "big.txt", offset: 12_000, limit: 5_000 })).text.split("\n");
    assert.deepEqual([last[0], last.at(-1)], ["[big.txt: lines 12000-12345 of 12,345]", "12345\tl12345"]);
  });

  it("ends at a line when the range is too long, and cuts long lines without splitting a character", async () => {
    folder().put("wide.txt", `${"x".repeat(1_999)}😀${"y".repeat(99)}\n${`${"z".repeat(1_500)}\n`.repeat(100)}`);
    const { text } = await read({ path: "wide.txt" });
    const lines = text.split("\n");
    assert.equal(lines[0], "[wide.txt: lines 1-39 of 101; go on with offset 40]");
    assert.equal(
      lines[1],
      `1\t${"x".repeat(1_999)}[... 101 more characters on this line: go on with offset 1 and column 2000 ...]`,
    );
    assert.equal(lines.length, 40);
  });

  it("reads CRLF, UTF-8 with a mark and UTF-16, and says so where it matters", async () => {
    const { put } = folder();
    put("crlf.txt", "a\r\nb\r\n");
    put("mark.txt", "\u{FEFF}ä\n");
    put("wide.txt", Buffer.from("\u{FEFF}ä😀\n", "utf16le"));
    assert.deepEqual(
      [
        (await read({ path: "crlf.txt" })).text,
        (await read({ path: "mark.txt" })).text,
        (await read({ path: "wide.txt" })).text,
      ],
      [
        "[crlf.txt: 2 lines; CRLF line ends]\n1\ta\n2\tb",
        "[mark.txt: 1 line]\n1\tä",
        "[wide.txt: 1 line; UTF-16]\n1\tä😀",
      ],
    );
  });

  it("says in each other case what to do", async () => {
    const { put, root } = folder();
    put("empty.txt", "");
    put("src/index.ts", "x\n");
    put("src/index.test.ts", "x\n");
    put("latin.txt", Buffer.from("caf\u00e9", "latin1"));
    put("image.png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 1]));
    put("huge.bin", "");
    truncateSync(path.join(root, "huge.bin"), 10_000_000_000);
    const texts = [];
    for (const args of [
      { path: "empty.txt" },
      { path: "src/indx.ts" },
      { path: "src/zzz" },
      { path: "nowhere/at/all.ts" },
      { path: "src" },
      { path: "latin.txt" },
      { path: "image.png" },
      { path: "huge.bin" },
      { path: "src/index.ts", offset: 9 },
      { path: "src/index.js" },
    ]) {
      const output = await read(args);
      texts.push(`${output.isError ? "error" : "ok"} (${output.summary}): ${output.text}`);
    }
    assert.deepEqual(texts, [
      "ok (empty): [empty.txt: the file is empty]",
      "error (not found): There is no file src/indx.ts. Similar names in its folder: index.ts.",
      "error (not found): There is no file src/zzz. No name in its folder is similar. Use list_files to see what is there.",
      "error (not found): There is no file nowhere/at/all.ts. Its folder does not exist either. Use list_files to see what is there.",
      "error (a folder): src is a folder. Use list_files to see what is in it.",
      "error (binary): latin.txt is not UTF-8 or UTF-16 text (4 bytes): a binary file or another encoding. Use run_shell with a program that understands it, such as file or xxd, if you need something from it.",
      "error (binary): image.png is not UTF-8 or UTF-16 text (7 bytes): a binary file or another encoding. Use run_shell with a program that understands it, such as file or xxd, if you need something from it.",
      "error (too large): huge.bin is too large to read: 10,000,000,000 bytes, at most 20,000,000. Use search to find something in it, or run_shell to get a part (sed -n '100,200p', tail).",
      "error (past the end): src/index.ts has only 1 line; offset 9 is past its end. Read again with a smaller offset.",
      "error (not found): There is no file src/index.js. Similar names in its folder: index.ts.",
    ]);
  });

  it("does not wait on pipes, devices or the system's own files", async () => {
    const { root } = folder();
    execFileSync("mkfifo", [path.join(root, "pipe")]);
    symlinkSync("/dev/zero", path.join(root, "zero"));
    symlinkSync("/proc/self/environ", path.join(root, "environ"));
    assert.match((await read({ path: "pipe" })).text, /is not a regular file but a pipe\.$/);
    assert.equal((await read({ path: "zero" })).text, "/dev/zero is not a file on disk but the system's own.");
    assert.match(
      (await read({ path: "environ" })).text,
      /^\/proc\/\d+\/environ is not a file on disk but the system's own\.$/,
    );
  });

  it("does not follow a link that was put in the way after the decision", async () => {
    const { root, put, outer, workspace } = folder();
    writeFileSync(path.join(outer, "secret.txt"), "secret\n");
    mkdirSync(path.join(outer, "secrets"));
    writeFileSync(path.join(outer, "secrets/a.txt"), "secret\n");
    put("file.txt", "fine\n");
    put("sub/a.txt", "fine\n");
    const byFile = await plan(workspace, "read_file", { path: "file.txt" });
    const byFolder = await plan(workspace, "read_file", { path: "sub/a.txt" });
    const listing = await plan(workspace, "list_files", { path: "sub" });
    rmSync(path.join(root, "file.txt"));
    symlinkSync(path.join(outer, "secret.txt"), path.join(root, "file.txt"));
    renameSync(path.join(root, "sub"), path.join(root, "old"));
    symlinkSync(path.join(outer, "secrets"), path.join(root, "sub"));
    const context = runContext();
    for (const planned of [byFile, byFolder, listing]) {
      const output = await planned.run(context);
      assert.ok(output.isError);
      assert.doesNotMatch(output.text, /secret\n|a\.txt {2}/);
    }
  });
});

describe("write_file", () => {
  const folder = useFolder();
  const content = (name: string): string => readFileSync(path.join(folder().root, name), "utf8");

  it("looks first, then makes the file and its folders", async () => {
    const { root, workspace } = folder();
    const planned = await plan(workspace, "write_file", { path: "new/deep/a.txt", content: "one\ntwo\n" });
    assert.deepEqual(readdirSync(root), []);
    assert.deepEqual(
      [planned.effect, planned.subject, planned.texts],
      [
        { kind: "write", path: path.join(root, "new/deep/a.txt"), inside: true },
        {
          kind: "edit",
          path: "new/deep/a.txt",
          isNew: true,
          added: 2,
          removed: 0,
          diff: [
            { kind: "add", line: 1, text: "one" },
            { kind: "add", line: 2, text: "two" },
          ],
        },
        { before: "", after: "one\ntwo\n", created: true },
      ],
    );
    const output = await planned.run(runContext());
    assert.deepEqual(output, {
      text: "Created new/deep/a.txt (+2 −0 lines).",
      isError: false,
      summary: "+2 −0",
      edit: { after: "one\ntwo\n", added: 2, removed: 0 },
    });
    assert.equal(content("new/deep/a.txt"), "one\ntwo\n");
    assert.deepEqual(readdirSync(path.join(root, "new/deep")), ["a.txt"]);
  });

  it("replaces a file and keeps its mode, its byte order mark, its encoding and CRLF", async () => {
    const { put, workspace } = folder();
    const script = put("run.sh", "old\n");
    chmodSync(script, 0o751);
    put("mark.txt", "\u{FEFF}old\r\n");
    put("wide.txt", Buffer.from("\u{FEFF}old\n", "utf16le"));
    await call(workspace, "write_file", { path: "run.sh", content: "new\n" });
    await call(workspace, "write_file", { path: "mark.txt", content: "one\ntwo\n" });
    await call(workspace, "write_file", { path: "wide.txt", content: "ä\n" });
    assert.equal(statSync(script).mode & 0o7777, 0o751);
    assert.deepEqual([content("run.sh"), content("mark.txt")], ["new\n", "\u{FEFF}one\r\ntwo\r\n"]);
    assert.deepEqual(readFileSync(path.join(folder().root, "wide.txt")), Buffer.from("\u{FEFF}ä\n", "utf16le"));
  });

  it("writes nothing when the file is not what was shown any more", async () => {
    const { put, root, workspace } = folder();
    put("a.txt", "old\n");
    const context = runContext();
    const change = await plan(workspace, "write_file", { path: "a.txt", content: "new\n" });
    const creation = await plan(workspace, "write_file", { path: "b.txt", content: "new\n" });
    const intoFolder = await plan(workspace, "write_file", { path: "sub/x/c.txt", content: "new\n" });
    put("a.txt", "by someone else\n");
    put("b.txt", "by someone else\n");
    mkdirSync(path.join(folder().outer, "elsewhere"));
    symlinkSync(path.join(folder().outer, "elsewhere"), path.join(root, "sub"));
    for (const planned of [change, creation, intoFolder]) {
      const output = await planned.run(context);
      assert.deepEqual([output.isError, output.summary], [true, "changed meanwhile"]);
    }
    assert.deepEqual([content("a.txt"), content("b.txt")], ["by someone else\n", "by someone else\n"]);
    assert.deepEqual(readdirSync(path.join(folder().outer, "elsewhere")), []);
    assert.deepEqual(readdirSync(root), ["a.txt", "b.txt", "sub"]);
  });

  it("refuses what it can't do, with a way out", async () => {
    const { put, root, workspace } = folder();
    put("same.txt", "same\n");
    put("image.png", Buffer.from([0, 1, 2]));
    mkdirSync(path.join(root, "dir"));
    const texts = [];
    for (const [name, text] of [
      ["same.txt", "same\n"],
      ["image.png", "x"],
      ["dir", "x"],
      ["a.txt", "a\0b"],
      ["a.txt", "\ud800"],
      ["same.txt/b.txt", "x"],
    ] as const) {
      const prepared = await plan(workspace, "write_file", { path: name, content: text }).catch(() => undefined);
      texts.push(
        prepared === undefined
          ? await refused(workspace, "write_file", { path: name, content: text })
          : (await prepared.run(runContext())).text,
      );
    }
    assert.deepEqual(texts, [
      "same.txt already has exactly this content. Nothing was written.",
      "image.png is not text, so it is not overwritten. If it has to be replaced, remove it with run_shell first.",
      "dir is a folder. Nothing was written. Add a file name to the path.",
      "The content contains a NUL character, which text files do not have. Leave it out.",
      "The content contains half of a surrogate pair (a broken \\u escape). Write the whole character.",
      `Nothing was written. ${path.join(root, "same.txt/b.txt")} can't be used: something is in the way.`,
    ]);
  });

  it("does nothing after a stop", async () => {
    const { root, workspace } = folder();
    const stopped = await call(workspace, "write_file", { path: "b.txt", content: "x" }, AbortSignal.abort());
    assert.deepEqual(stopped, { text: "Not written: the turn was stopped.", isError: true, summary: "stopped" });
    assert.deepEqual(readdirSync(root), []);
  });
});

describe("edit_file", () => {
  const folder = useFolder();
  const content = (name: string): string => readFileSync(path.join(folder().root, name), "utf8");

  it("applies several edits, keeps CRLF and the byte order mark, and shows the diff", async () => {
    const { put, workspace } = folder();
    put("a.txt", "\u{FEFF}one\r\ntwo\r\nthree\r\n");
    const args = {
      path: "a.txt",
      edits: [
        { old_text: "one\ntwo", new_text: "1\n2" },
        { old_text: "three", new_text: "3\n4" },
      ],
    };
    const planned = await plan(workspace, "edit_file", args);
    assert.deepEqual(planned.subject, {
      kind: "edit",
      path: "a.txt",
      isNew: false,
      added: 4,
      removed: 3,
      diff: [
        { kind: "remove", line: 1, text: "one" },
        { kind: "remove", line: 2, text: "two" },
        { kind: "remove", line: 3, text: "three" },
        { kind: "add", line: 1, text: "1" },
        { kind: "add", line: 2, text: "2" },
        { kind: "add", line: 3, text: "3" },
        { kind: "add", line: 4, text: "4" },
      ],
    });
    const output = await planned.run(runContext());
    assert.deepEqual(output, {
      text: "Wrote a.txt (+4 −3 lines).",
      isError: false,
      summary: "+4 −3",
      edit: { after: "1\r\n2\r\n3\r\n4\r\n", added: 4, removed: 3 },
    });
    assert.equal(content("a.txt"), "\u{FEFF}1\r\n2\r\n3\r\n4\r\n");
  });

  it("changes nothing when one edit does not fit", async () => {
    const { put, workspace } = folder();
    put("a.txt", "one\ntwo\n");
    const error = await refused(workspace, "edit_file", {
      path: "a.txt",
      edits: [
        { old_text: "one", new_text: "1" },
        { old_text: "one", new_text: "2" },
      ],
    });
    assert.equal(
      error,
      "Nothing was changed in a.txt. Edit 2 of 2: old_text was not found. Nothing in the file is like it: read the file again, it may have changed, or look in another one.",
    );
    assert.match(
      await refused(workspace, "edit_file", { path: "b.txt", edits: [{ old_text: "x", new_text: "y" }] }),
      /^There is no file b\.txt\. Similar names in its folder: a\.txt\. To create it use write_file\.$/,
    );
    assert.equal(content("a.txt"), "one\ntwo\n");
  });

  it("tells nothing about a file outside before that was allowed", async () => {
    const { outer, workspace } = folder();
    const file = path.join(outer, "secret.txt");
    writeFileSync(file, "token=1\n");
    for (const old_text of ["token=2", "token"]) {
      const planned = await plan(workspace, "edit_file", {
        path: "../secret.txt",
        edits: [{ old_text, new_text: "x" }],
      });
      const { effect } = planned;
      assert.deepEqual(
        [effect.kind, "inside" in effect && effect.inside],
        [old_text === "token" ? "write" : "read", false],
      );
    }
    const missing = await plan(workspace, "edit_file", {
      path: "../missing",
      edits: [{ old_text: "a", new_text: "b" }],
    });
    assert.deepEqual(missing.subject, { kind: "path", path: path.join(outer, "missing"), verb: "read" });
  });
});
