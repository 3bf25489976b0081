import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { createNodeWorkspace } from "../../src/tools/node-workspace";
import { call, plan, useFolder } from "./folder";

describe("find_files", () => {
  const folder = useFolder();
  const find = (args: unknown) => call(folder().workspace, "find_files", args);
  const lines = async (args: unknown) => (await find(args)).text.split("\n");

  it("finds by name or path in any case, in the order of the paths", async () => {
    const { put } = folder();
    for (const name of ["README.md", "docs/readme.txt", "src/a.ts", "src/deep/B.ts", "test/a.ts", ".github/x.ts"])
      put(name, "");
    assert.deepEqual(await find({ globs: ["readme*"] }), {
      text: "[.: 2 files]\nREADME.md\ndocs/readme.txt",
      isError: false,
      summary: "2 files",
      limits: { characters: 48_000, lines: 2_010 },
    });
    assert.deepEqual(
      [
        await lines({ globs: ["*.ts"] }),
        await lines({ globs: ["src/**"] }),
        await lines({ globs: ["*.ts", "!test"], path: "." }),
        await lines({ globs: ["*.ts"], path: "src" }),
        await lines({ globs: ["b.ts"], path: "src/deep" }),
        await lines({ globs: ["*.py"] }),
      ],
      [
        ["[.: 4 files]", ".github/x.ts", "src/a.ts", "src/deep/B.ts", "test/a.ts"],
        ["[.: 2 files]", "src/a.ts", "src/deep/B.ts"],
        ["[.: 3 files]", ".github/x.ts", "src/a.ts", "src/deep/B.ts"],
        ["[src: 2 files]", "src/a.ts", "src/deep/B.ts"],
        ["[src/deep: 1 file]", "src/deep/B.ts"],
        ["[.: no file matches]", "[Ignored files were left out; include_ignored finds them too.]"],
      ],
    );
  });

  it("puts those first that were changed last, when asked", async () => {
    const { put } = folder();
    const at = (name: string, time: string) => utimesSync(put(name, ""), new Date(time), new Date(time));
    at("a.ts", "2024-03-01T10:00:00Z");
    at("b/c.ts", "2025-01-02T03:04:05Z");
    at("d.ts", "2023-12-31T23:59:59Z");
    assert.deepEqual(await lines({ globs: ["*.ts"], newest_first: true, limit: 2 }), [
      "[.: 3 files; 1-2; go on with offset 3, or narrow it by path or globs]",
      "2025-01-02 03:04  b/c.ts",
      "2024-03-01 10:00  a.ts",
    ]);
    assert.deepEqual(await lines({ globs: ["*.ts"], newest_first: true, offset: 3 }), [
      "[.: 3 files; 3-3]",
      "2023-12-31 23:59  d.ts",
    ]);
  });

  it("gives many files in pieces", async () => {
    const { put } = folder();
    const names = Array.from({ length: 250 }, (_, i) => `f${String(i).padStart(3, "0")}`);
    for (const name of names) put(name, "");
    const first = await lines({ globs: ["f*"] });
    assert.deepEqual(first, [
      "[.: 250 files; 1-200; go on with offset 201, or narrow it by path or globs]",
      ...names.slice(0, 200),
    ]);
    assert.deepEqual(await lines({ globs: ["f*"], offset: 201 }), ["[.: 250 files; 201-250]", ...names.slice(200)]);
    assert.deepEqual(await lines({ globs: ["f*"], offset: 251 }), ["[.: 250 files; offset 251 is past the end]"]);
  });

  it("says what is no folder, and when it was stopped", async () => {
    folder().put("a.ts", "");
    const stopped = new AbortController();
    stopped.abort();
    assert.deepEqual(
      [
        (await find({ globs: ["*"], path: "a.ts" })).text,
        (await find({ globs: ["*"], path: "b" })).text,
        (await call(folder().workspace, "find_files", { globs: ["*"] }, stopped.signal)).text,
      ],
      [
        "a.ts is not a folder. Use read_file to read it.",
        "There is no folder b. No name in its folder is similar. Use list_files to see what is there.",
        "Stopped before all files were found.",
      ],
    );
  });
});

describe("search and find_files", () => {
  const folder = useFolder();

  it("never leave the workspace through links, whatever is linked, ignored or asked for", async () => {
    const { outer, root } = folder();
    mkdirSync(path.join(outer, "beyond/deep"), { recursive: true });
    for (const name of ["beyond/canary.txt", "beyond/deep/canary.txt"])
      writeFileSync(path.join(outer, name), "canary\n");
    const name = fc.constantFrom("a", "b", "c", ".d");
    const link = fc.record({
      at: fc.array(name, { minLength: 1, maxLength: 3 }),
      to: fc.constantFrom("beyond", "beyond/deep", "beyond/canary.txt", ".", "beyond/deep/canary.txt", "workspace/a"),
      isAbsolute: fc.boolean(),
    });
    const glob = fc.array(fc.constantFrom("*", "**", "canary.txt", "a", "b", "../", "..", "beyond", "[!x]*"), {
      minLength: 1,
      maxLength: 4,
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(link, { minLength: 1, maxLength: 6 }),
        glob,
        fc.array(name, { maxLength: 2 }),
        async (links, globs, below) => {
          const top = path.join(root, `run${++count}`);
          mkdirSync(top);
          const workspace = createNodeWorkspace({ root: top, stripEnv: () => [] });
          for (const { at, to, isAbsolute } of links) {
            const place = path.join(top, ...at);
            const target = path.join(outer, to);
            try {
              mkdirSync(path.dirname(place), { recursive: true });
              symlinkSync(isAbsolute ? target : path.relative(path.dirname(place), target), place);
            } catch {
              // Something is there already, or above it.
            }
          }
          for (const [tool, args] of [
            ["search", { pattern: "canary", output: "files" }],
            ["find_files", { globs: [globs.join("/"), "**"] }],
          ] as const) {
            const planned = await plan(workspace, tool, {
              ...args,
              globs: [globs.join("/"), "**"],
              path: below.join("/") || ".",
              include_ignored: true,
            });
            if (planned.effect.kind === "read" && !planned.effect.inside) continue; // asked
            const output = await call(workspace, tool, {
              ...args,
              globs: [globs.join("/"), "**"],
              path: below.join("/") || ".",
              include_ignored: true,
            });
            assert.doesNotMatch(output.text, /^.*canary\.txt$/m);
          }
        },
      ),
      { numRuns: 60 },
    );
  }).timeout(60_000);
});
