import assert from "node:assert/strict";
import { alwaysOffers } from "../../src/approvals/always";
import { boundFiles } from "../../src/approvals/bound-files";
import { decide } from "../../src/approvals/decide";
import type { CommandFacts } from "../../src/approvals/shell/facts";
import type { Effect } from "../../src/chunks/effect";

const run = (command: string, cwd = "/w", inside = true): Effect => ({ kind: "run", command, cwd, inside });
const known = (...commands: readonly string[]): CommandFacts => ({
  kind: "known",
  commands: commands.map((text) => ({ argv: text.split(" "), reads: false, words: text })),
  paths: [],
});

function offers(effect: Effect, command?: CommandFacts): readonly string[] {
  const found = alwaysOffers({ effect, tool: "t", root: "/w", ...(command === undefined ? {} : { command }) });
  return found.map(({ choice, terms, place }) => {
    const { action: _, ...rest } = terms;
    return `${place} ${JSON.stringify(rest)}: ${choice.words}`;
  });
}

describe("always allow", () => {
  it("offers the exact command first, for this folder and for all, and a beginning only where nothing behind it can do harm", () => {
    assert.deepEqual(offers(run("git commit -m x"), known("git commit -m x")), [
      'folder {"command":"git commit -m x","path":"."}: Exactly this command in the workspace folder. Also in one line with other allowed commands.',
      'user {"command":"git commit -m x"}: Exactly this command in every folder that you open. Also in one line with other allowed commands.',
      'folder {"command":"git commit *","path":"."}: Commands in the workspace folder that begin with these words, whatever follows, unless it names files outside or files that are asked each time. Also in one line with other allowed commands.',
    ]);
    assert.deepEqual(offers(run("npm test", "/w/web"), known("npm test")), [
      'folder {"command":"npm test","path":"web"}: Exactly this command in the folder web. Also in one line with other allowed commands. Asked again when the scripts in package.json have changed.',
      'folder {"command":"npm test -- *","path":"web"}: Commands in the folder web that begin with these words, whatever follows, unless it names files outside or files that are asked each time. Also in one line with other allowed commands. Asked again when the scripts in package.json have changed.',
    ]);
    const beginnings = [
      "git push",
      "rm x",
      "npm install x",
      "npm run --script-shell=x y",
      "go test",
      "curl https://a.example",
    ];
    assert.deepEqual(
      beginnings.map((text) => offers(run(text), known(text)).filter((one) => one.includes("*")).length),
      [0, 0, 0, 0, 0, 0],
    );
  });

  it("offers for all folders nothing that runs what is in the folder at hand", () => {
    const commands = ["npx eslint .", "cargo test", "pytest -q", "env CI=1 go test", "gh pr list", "git push"];
    assert.deepEqual(
      commands.map((text) => offers(run(text), known(text)).some((one) => one.startsWith("user"))),
      [false, false, false, false, true, true],
    );
  });

  it("offers of what can't be taken apart, or would read as a pattern, only the very text", () => {
    const text = (command: string) =>
      `folder {"command":${JSON.stringify(command)},"exact":true,"path":"."}: Exactly this command in the workspace folder.`;
    assert.deepEqual(
      [
        offers(run("ls *"), known("ls *")),
        offers(run("ls > x"), { kind: "unknown", why: "It redirects." }),
        offers(run("ls a")),
        offers(run("ls && id"), known("ls", "id")),
      ],
      [[text("ls *")], [text("ls > x")], [text("ls a")], [text("ls && id")]],
    );
  });

  it("offers a file, its folder, a path outside, a host; nothing for what is asked each time", () => {
    const write = (path: string, guarded?: string): Effect => ({
      kind: "write",
      path,
      inside: path.startsWith("/w/"),
      ...(guarded === undefined ? {} : { guarded }),
    });
    const net = (isPrivate: boolean): Effect => ({
      kind: "net",
      url: "https://a.example/",
      host: "a.example",
      private: isPrivate,
      why: "It reads.",
    });
    assert.deepEqual(
      [
        offers(write("/w/a.ts")),
        offers(write("/w/src/a.ts")),
        offers({ kind: "read", path: "/etc/hosts", inside: false }),
        offers({ kind: "read", path: "/etc", inside: false, deep: true }).slice(0, 1),
        offers(net(false)),
        offers(write("/w/package.json", "It says what building runs.")),
        offers(write("/x")),
        offers(write("/w/a*.ts")),
        offers(net(true)),
        offers(run("ls", "/x", false), known("ls")),
        offers({ kind: "read", path: "/w/a", inside: true }),
        offers({ kind: "none" }),
      ],
      [
        ['folder {"path":"a.ts"}: Reading and changing exactly this file.'],
        [
          'folder {"path":"src/a.ts"}: Reading and changing exactly this file.',
          'folder {"path":"src/**"}: Reading, changing and creating any file in this folder and the folders in it; not those that are asked each time.',
        ],
        [
          'folder {"tool":"t","path":"/etc/hosts"}: t of exactly this path, from this folder.',
          'user {"tool":"t","path":"/etc/hosts"}: t of exactly this path, from every folder that you open.',
        ],
        ['folder {"tool":"t","path":"/etc/**"}: t of this folder and whatever is in it, from this folder.'],
        [
          'folder {"tool":"t","host":"a.example"}: t at exactly this host, from this folder.',
          'user {"tool":"t","host":"a.example"}: t at exactly this host, from every folder that you open.',
        ],
        ...Array.from({ length: 7 }, () => []),
      ],
    );
  });

  it("allows with each rule exactly the call that it was offered for, and not its neighbours", () => {
    const calls: readonly (readonly [Effect, CommandFacts | undefined])[] = [
      [run("ls *"), known("ls *")],
      [run("git add a"), known("git add a")],
      [run("ls $(id)"), undefined],
      [{ kind: "write", path: "/w/src/a.ts", inside: true }, undefined],
      [{ kind: "read", path: "/etc/hosts", inside: false }, undefined],
      [{ kind: "read", path: "/etc", inside: false, deep: true }, undefined],
      [{ kind: "net", url: "https://a.example/", host: "a.example", private: false, why: "It reads." }, undefined],
    ];
    const near: readonly (readonly [Effect, CommandFacts | undefined])[] = [
      [run("ls x"), known("ls x")],
      [run("ls * "), known("ls *")],
      [run("git add a", "/w/sub"), known("git add a")],
      [run("git addx"), known("git addx")],
      [run("ls $(id) "), undefined],
      [{ kind: "write", path: "/w/srcs/a.ts", inside: true }, undefined],
      [{ kind: "write", path: "/w/src/.env", inside: true, guarded: "It sets the environment." }, undefined],
      [{ kind: "read", path: "/etcx/hosts", inside: false }, undefined],
      [{ kind: "net", url: "https://a.example/", host: "b.example", private: false, why: "It reads." }, undefined],
    ];
    for (const [effect, command] of calls) {
      const facts = command === undefined ? {} : { command };
      for (const { terms, choice, place } of alwaysOffers({ effect, tool: "t", root: "/w", ...facts })) {
        const rules = [{ ...terms, id: "r", source: "always" as const }];
        const kindOf = (one: Effect, more?: CommandFacts) =>
          decide({
            ...{ effect: one, tool: "t", grants: [], policy: { rules, mode: "ask", root: "/w" } },
            ...(more === undefined ? {} : { command: more }),
          }).kind;
        assert.equal(kindOf(effect, command), "allow", choice.words);
        const others = near.filter(([one]) => place === "folder" || one.kind !== "run" || one.cwd === "/w");
        assert.deepEqual(
          others.filter(([one, more]) => kindOf(one, more) === "allow"),
          [],
          choice.words,
        );
      }
    }
  });
});

describe("what a command is bound to", () => {
  it("are the files that say what it runs; nothing is offered where they can't be found", () => {
    const bound = (command: string) => boundFiles(command)?.map(({ file, part }) => `${file} ${part}`);
    const scripts = "package.json scripts";
    assert.deepEqual(
      [
        bound("npm test"),
        bound("CI=1 npm run build && yarn lint"),
        bound("echo $(pnpm test)"),
        bound("make test"),
        bound("./build.sh --fast"),
        bound("time ./build.sh; bash -e x.sh"),
        bound("node scripts/build.mjs --prod"),
        bound("python3 -u tool.py x"),
        bound("which python"),
        bound("python3 -m pytest"),
        bound("grep -rn x ./src"),
        bound("git commit -m npm"),
        bound("cd web && npm test"),
        bound("npm --prefix web test"),
        bound("make -C sub"),
        bound("make -f Other"),
        bound("cd web && ls"),
      ],
      [
        [scripts],
        [scripts],
        [scripts],
        ["Makefile whole"],
        ["./build.sh whole"],
        ["./build.sh whole", "x.sh whole"],
        ["scripts/build.mjs whole"],
        ["tool.py whole"],
        [],
        [],
        [],
        [scripts],
        undefined,
        undefined,
        undefined,
        undefined,
        [],
      ],
    );
  });
});
