import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { mayRead } from "../../src/approvals/may-read";
import type { Rule } from "../../src/approvals/policy";
import { createNodeWorkspace } from "../../src/tools/node-workspace";
import { call, plan, refused, runContext, useFolder } from "./folder";

describe("search", () => {
  const folder = useFolder();
  const find = (args: unknown) => call(folder().workspace, "search", args);
  const text = async (args: unknown) => (await find(args)).text;

  it("gives the matching lines by file, with their numbers", async () => {
    folder().put("src/b.ts", "let b = 1;\nlet c = b;\n");
    folder().put("a.md", "# let it be\n");
    assert.deepEqual(await find({ pattern: "let \\w = " }), {
      text: '["let \\\\w = " in .: 2 matches in 1 file]\nsrc/b.ts\n1:let b = 1;\n2:let c = b;',
      isError: false,
      summary: "2 matches",
      limits: { characters: 48_000, lines: 50_000 },
    });
    assert.equal(
      await text({ pattern: "LET", ignore_case: true }),
      '["LET" in .: 3 matches in 2 files]\na.md\n1:# let it be\n\nsrc/b.ts\n1:let b = 1;\n2:let c = b;',
    );
    assert.equal(
      await text({ pattern: "LET" }),
      ['[no match for "LET" in .]', "[Ignored files were not searched; include_ignored searches them too.]"].join("\n"),
    );
  });

  it("takes a pattern as it is written when told, and says what is wrong with one that can't be read", async () => {
    folder().put("a.txt", "f(x)\nfx\n-- --pre=x\n");
    assert.equal(await text({ pattern: "f(x)", literal: true }), '["f(x)" in .: 1 match in 1 file]\na.txt\n1:f(x)');
    assert.equal(await text({ pattern: "--pre=x" }), '["--pre=x" in .: 1 match in 1 file]\na.txt\n3:-- --pre=x');
    const bad = await find({ pattern: "f(x" });
    assert.equal(bad.isError, true);
    assert.match(
      bad.text,
      /^The pattern is not a valid regular expression:\n[\s\S]*unclosed group[\s\S]*literal to true/,
    );
    assert.equal(await text({ pattern: "(?<=f)x" }), '["(?<=f)x" in .: 1 match in 1 file]\na.txt\n2:fx');
  });

  it("is not stopped by a file of another encoding where only PCRE2 takes the pattern", async () => {
    folder().put("latin.txt", new Uint8Array([0x61, 0xe9, 0x0a]));
    folder().put("a.json", "{ 1 }\n");
    folder().put("b.txt", "none\n");
    assert.match(await text({ pattern: "{" }), /1 match in 1 file\]\na.json\n1:\{ 1 \}/);
    assert.match(await text({ pattern: "{ 2" }), /^\[no match for/);
  });

  it("shows lines around matches, and matches that cross lines", async () => {
    folder().put("a.txt", Array.from({ length: 20 }, (_, i) => `l${i + 1}`).join("\r\n"));
    assert.equal(
      await text({ pattern: "^l(3|4|9)$", context: 1 }),
      '["^l(3|4|9)$" in .: 3 matches in 1 file]\na.txt\n2-l2\n3:l3\n4:l4\n5-l5\n--\n8-l8\n9:l9\n10-l10',
    );
    assert.equal(
      await text({ pattern: "l5\\s*\\n.*6" }),
      '["l5\\\\s*\\\\n.*6" in .: 1 match in 1 file]\na.txt\n5:l5\n6-l6',
    );
  });

  it("gives paths alone, or with their numbers", async () => {
    folder().put("b/x.txt", "m\nm\n");
    folder().put("a.txt", "m m\n");
    folder().put("line\nbreak.txt", "m\n");
    assert.equal(
      await text({ pattern: "m", output: "files" }),
      '["m" in .: 3 files]\na.txt\nb/x.txt\n"line\\nbreak.txt"',
    );
    assert.equal(
      await text({ pattern: "m", output: "counts" }),
      '["m" in .: 4 matches in 3 files]\na.txt: 1\nb/x.txt: 2\n"line\\nbreak.txt": 1',
    );
  });

  it("gives any number of matches in pieces that join without a gap, in the same order each time", async () => {
    const names = Array.from({ length: 30 }, (_, i) => `f${String(i).padStart(2, "0")}.txt`);
    for (const name of names) folder().put(`${name}`, `m ${name} 1\nno\nm ${name} 2\nm ${name} 3\n`);
    const shown: string[] = [];
    let offset: number | undefined = 1;
    const headers: string[] = [];
    while (offset !== undefined) {
      const [header = "", ...lines]: string[] = (await text({ pattern: "^m", limit: 37, offset })).split("\n");
      headers.push(header);
      shown.push(...lines.filter((line) => /^\d+:/.test(line)).map((line) => line.replace(/^\d+:/, "")));
      const next: string | undefined = /go on with offset (\d+)/.exec(header)?.[1];
      offset = next === undefined ? undefined : Number(next);
    }
    assert.deepEqual(
      shown,
      names.flatMap((name) => [1, 2, 3].map((n) => `m ${name} ${n}`)),
    );
    assert.deepEqual(headers, [
      '["^m" in .: 90 matches in 30 files; match 1-37; go on with offset 38, or narrow the search by path, globs or pattern]',
      '["^m" in .: 90 matches in 30 files; match 38-74; go on with offset 75, or narrow the search by path, globs or pattern]',
      '["^m" in .: 90 matches in 30 files; match 75-90]',
    ]);
    assert.equal(
      await text({ pattern: "^m", offset: 91 }),
      '["^m" in .: 90 matches in 30 files; offset 91 is past the end]',
    );
    assert.match(
      await text({ pattern: "^m", output: "files", limit: 2, offset: 3 }),
      /^\["\^m" in \.: 30 files; file 3-4; go on with offset 5.*\]\nf02\.txt\nf03\.txt$/,
    );
  });

  it("cuts long lines around the match and names its columns, which read_file reads on from", async () => {
    folder().put("min.js", `${"😀".repeat(5_000)}needle${"y".repeat(200_000)}needle\n`);
    const [, , line = ""] = (await text({ pattern: "needle" })).split("\n");
    assert.equal(
      line,
      `1:[columns 9,881-10,280 of 210,012, 2 matches on this line] ${"😀".repeat(60)}needle${"y".repeat(274)}`,
    );
  });

  it("ends the text at a bound and says where to go on", async () => {
    folder().put("a.txt", `m${"x".repeat(390)}\n`.repeat(500));
    const [header = "", , ...lines] = (await text({ pattern: "m", limit: 500 })).split("\n");
    assert.match(header, /^\["m" in \.: 500 matches in 1 file; match 1-101; go on with offset 102/);
    assert.equal(lines.length, 101);
  });

  it("leaves out what ignore files leave out, without a git repository too, until told", async () => {
    const { put } = folder();
    put(".gitignore", "dist/\n*.gen.ts\n");
    put("dist/out.js", "m");
    put("src/a.gen.ts", "m");
    put("src/a.ts", "m");
    put(".github/ci.yml", "m");
    put(".git/config", "m");
    const files = async (args: object) => (await text({ pattern: "m", output: "files", ...args })).split("\n").slice(1);
    assert.deepEqual(await files({}), [".github/ci.yml", "src/a.ts"]);
    assert.deepEqual(await files({ path: "src" }), ["src/a.ts"]);
    assert.deepEqual(await files({ globs: ["src/**", "dist/**", "*.ts"] }), ["src/a.ts"]);
    assert.deepEqual(await files({ include_ignored: true, globs: ["!.github"] }), [
      "dist/out.js",
      "src/a.gen.ts",
      "src/a.ts",
    ]);
  });

  it("takes globs of names and of paths, from the workspace folder or the folder that is searched", async () => {
    const { put } = folder();
    for (const name of ["a.ts", "src/b.ts", "src/c.tsx", "src/deep/d.ts", "test/e.ts", "lib/{x}.ts"]) put(name, "m");
    const files = async (globs: readonly string[], where?: string) =>
      (await text({ pattern: "m", output: "files", globs, ...(where === undefined ? {} : { path: where }) }))
        .split("\n")
        .slice(1)
        .join(" ");
    assert.deepEqual(
      [
        await files(["*.tsx"]),
        await files(["src/*.{ts,tsx}"]),
        await files(["**/*.ts", "!test/"]),
        await files(["src/**/d.ts"], "src"),
        await files(["deep/*"], "src"),
        await files(["[ab].ts"]),
        await files(["\\{x\\}.ts"]),
        await files(["/a.ts"]),
      ],
      [
        "src/c.tsx",
        "src/b.ts src/c.tsx",
        "a.ts lib/{x}.ts src/b.ts src/deep/d.ts",
        "src/deep/d.ts",
        "src/deep/d.ts",
        "a.ts src/b.ts",
        "lib/{x}.ts",
        "a.ts",
      ],
    );
  });

  it("skips binary files, reads UTF-16, and searches a single file", async () => {
    const { put } = folder();
    put("bin", Buffer.from("needle\0needle"));
    put("late.bin", `needle\n${"x".repeat(200_000)}\0`);
    put("wide.txt", Buffer.from("\u{FEFF}needle ä\n", "utf16le"));
    put("one.txt", "needle\n");
    assert.equal(
      await text({ pattern: "needle" }),
      '["needle" in .: 2 matches in 2 files]\none.txt\n1:needle\n\nwide.txt\n1:needle ä\n[1 binary file with a match left out.]',
    );
    assert.equal(
      await text({ pattern: "needle", path: "one.txt" }),
      '["needle" in one.txt: 1 match in 1 file]\none.txt\n1:needle',
    );
  });

  it("follows no links, and asks before it looks outside", async () => {
    const { outer, root, workspace } = folder();
    mkdirSync(path.join(outer, "other"));
    writeFileSync(path.join(outer, "other/secret.txt"), "secret\n");
    symlinkSync(path.join(outer, "other"), path.join(root, "way"));
    symlinkSync(path.join(outer, "other/secret.txt"), path.join(root, "file"));
    assert.match(await text({ pattern: "secret" }), /^\[no match/);
    assert.match(await text({ pattern: "secret", globs: ["way/**"], include_ignored: true }), /^\[no match/);
    const outside = await plan(workspace, "search", { pattern: "secret", path: "way" });
    assert.deepEqual(
      [outside.effect, outside.subject],
      [
        { kind: "read", path: path.join(outer, "other"), inside: false, given: path.join(root, "way"), deep: true },
        { kind: "path", path: path.join(outer, "other"), verb: "search" },
      ],
    );
    assert.match((await outside.run(runContext())).text, /other\/secret\.txt\n1:secret$/);
    assert.match(await refused(workspace, "search", { pattern: "x", path: "~/x" }), /starts with ~/);
  });

  it("leaves out the files that a rule withholds, and says so", async () => {
    const { root, put, workspace } = folder();
    put(".env", "key=secret\n");
    put("conf/.env.local", "key=secret\n");
    put("a.txt", "no secret\n");
    const rule = (action: "deny" | "ask", path: string, tool?: string): Rule => ({
      id: path,
      action,
      path,
      source: "user",
      ...(tool === undefined ? {} : { tool }),
    });
    const rules = [rule("deny", ".env"), rule("ask", "**/.env.*", "read_file"), rule("deny", "a.txt", "write_file")];
    const policy = { rules, mode: "ask", root } as const;
    const planned = await plan(workspace, "search", { pattern: "secret" });
    const output = await planned.run(runContext({ mayRead: (file) => mayRead(policy, "search", file) }));
    assert.equal(
      output.text,
      '["secret" in .: 1 match in 1 file]\na.txt\n1:no secret\n[2 files with a match left out: a rule of the person withholds them.]',
    );
  });

  it("says it when there is nothing to search, no ripgrep, or the turn is stopped", async () => {
    const { root, put, workspace } = folder();
    put("a.txt", "x");
    assert.equal(
      await text({ pattern: "x", path: "b.txt" }),
      "There is no file or folder b.txt. Similar names in its folder: a.txt.",
    );
    const stopped = new AbortController();
    stopped.abort();
    assert.equal(
      (await call(workspace, "search", { pattern: "x" }, stopped.signal)).text,
      "The search was stopped before it had ended.",
    );
    const without = {
      ...createNodeWorkspace({ root, stripEnv: () => [] }),
      ripgrep: async () => ({ kind: "missing" }) as const,
    };
    assert.match(
      (await call(without, "search", { pattern: "x" })).text,
      /^ripgrep, which this tool needs, was not found/,
    );
  });

  it("runs ripgrep without a shell and without anything that changes what it does, and ends it with the turn", async () => {
    const { root, outer } = folder();
    const at = (name: string) => path.join(outer, name);
    const script = `printf '%s\\n' "$@" > "${at("args")}"; env > "${at("env")}"; : > "${at("runs")}"; exec sleep 100`;
    writeFileSync(at("rg"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const workspace = createNodeWorkspace({ root, stripEnv: () => ["DISPATCH_TEST_KEY"], ripgrep: [at("rg")] });
    const stop = new AbortController();
    const { RIPGREP_CONFIG_PATH } = process.env;
    Object.assign(process.env, { RIPGREP_CONFIG_PATH: "/tmp/config", DISPATCH_TEST_KEY: "secret" });
    try {
      const searched = call(workspace, "search", { pattern: "--pre=sh; $(id)" }, stop.signal);
      while (!existsSync(at("runs"))) await new Promise((resolve) => setTimeout(resolve, 5));
      stop.abort();
      assert.equal((await searched).text, "The search was stopped before it had ended.");
    } finally {
      delete process.env.DISPATCH_TEST_KEY;
      if (RIPGREP_CONFIG_PATH === undefined) delete process.env.RIPGREP_CONFIG_PATH;
      else process.env.RIPGREP_CONFIG_PATH = RIPGREP_CONFIG_PATH;
    }
    const args = readFileSync(at("args"), "utf8").trim().split("\n");
    assert.deepEqual([args[0], args.slice(-3)], ["--no-config", ["--", "--pre=sh; $(id)", "./"]]);
    assert.doesNotMatch(readFileSync(at("env"), "utf8"), /RIPGREP_CONFIG_PATH|DISPATCH_TEST_KEY/);
  });

  it("reads ignore files up to the top of the repository, else up to the workspace folder", async () => {
    const { outer, put } = folder();
    writeFileSync(path.join(outer, ".gitignore"), "*\n");
    put(".gitignore", "out/\n");
    put("src/a.ts", "m");
    put("src/out/b.ts", "m");
    const files = async (args: object) => (await text({ pattern: "m", output: "files", ...args })).split("\n").slice(1);
    assert.deepEqual([await files({}), await files({ path: "src" })], [["src/a.ts"], ["src/a.ts"]]);
    writeFileSync(path.join(outer, ".gitignore"), "a.ts\n");
    mkdirSync(path.join(outer, ".git"));
    assert.deepEqual(await files({ path: "src", include_ignored: true }), ["src/a.ts", "src/out/b.ts"]);
    assert.match(await text({ pattern: "m" }), /^\[no match/);
  });

  it("ends at its time limit, and keeps out of the system's own folders", async () => {
    const { root, outer, workspace } = folder();
    const program = path.join(outer, "rg");
    writeFileSync(program, "#!/bin/sh\nexec sleep 100\n", { mode: 0o755 });
    const slow = createNodeWorkspace({ root, stripEnv: () => [], ripgrep: [program] });
    const { signal } = new AbortController();
    assert.deepEqual(await slow.ripgrep([], { cwd: root, timeoutMs: 20, signal, onBytes: () => true }), {
      kind: "timeout",
    });
    assert.equal(
      (await call(workspace, "search", { pattern: "x", path: "/dev" })).text,
      "The search of /dev failed: /dev is the system's own.",
    );
  });

  it("keeps memory bounded for a pattern that matches everything", async () => {
    folder().put("big.txt", "m\n".repeat(300_000));
    const [header] = (await text({ pattern: "m", limit: 2 })).split("\n");
    assert.match(header ?? "", /^\["m" in \.: at least 100,000 matches in 1 file; match 1-2; go on with offset 3/);
  });
});
