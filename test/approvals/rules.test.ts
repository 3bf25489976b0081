/** Rules and the order in which they decide. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { decide, type Question } from "../../src/approvals/decide";
import { matchesWords, standsIn } from "../../src/approvals/match-command";
import { matchesGlob } from "../../src/approvals/match-path";
import type { Mode, Policy, Rule } from "../../src/approvals/policy";
import type { CommandFacts } from "../../src/approvals/shell/facts";
import type { Effect } from "../../src/chunks/effect";

const run = (command: string, inside = true): Effect => ({ kind: "run", command, cwd: inside ? "/w" : "/x", inside });
const known = (...commands: readonly string[]): CommandFacts => ({
  kind: "known",
  commands: commands.map((text) => ({ argv: text.split(" "), reads: text.startsWith("cat"), words: text })),
  paths: [],
});
const unknown: CommandFacts = { kind: "unknown", why: "It has a substitution." };

type Part = Partial<Omit<Rule, "id">>;
let count = 0;
const rule = (part: Part): Rule => ({ id: `r${++count}`, action: "allow", source: "user", ...part });
const policy = (rules: readonly Part[], mode: Mode = "ask"): Policy => ({ rules: rules.map(rule), mode, root: "/w" });
const ask = (
  effect: Effect,
  rules: readonly Part[],
  rest: Partial<Question> & { readonly mode?: Mode } = {},
): string => {
  const verdict = decide({ effect, tool: "t", grants: [], policy: policy(rules, rest.mode), ...rest });
  return verdict.kind === "ask" ? "ask" : `${verdict.kind} (${verdict.from}: ${verdict.rule})`;
};

describe("rules on commands", () => {
  it("allow by whole words, each command of a line, and what can't be taken apart only by its very text", () => {
    const rules = [{ command: "npm test" }, { command: "git log *" }];
    const cases: readonly (readonly [string, CommandFacts | undefined])[] = [
      ["npm test", known("npm test")],
      ["npm test --watch", known("npm test --watch")],
      ["git log", known("git log")],
      ["git log -p x", known("git log -p x")],
      ["git logx", known("git logx")],
      ["npm test && git log", known("npm test", "git log")],
      ["npm test && cat x", known("npm test", "cat x")],
      ["npm test && id", known("npm test", "id")],
      ["git log $(id)", unknown],
      ["npm test", unknown],
      ["npm test", undefined],
      ["npm test;", undefined],
    ];
    assert.deepEqual(
      cases.map(([text, command]) => `${text}: ${ask(run(text), rules, command === undefined ? {} : { command })}`),
      [
        "npm test: allow (user: allow: npm test)",
        "npm test --watch: ask",
        "git log: allow (user: allow: git log *)",
        "git log -p x: allow (user: allow: git log *)",
        "git logx: ask",
        "npm test && git log: allow (user: allow: npm test)",
        "npm test && cat x: allow (user: allow: npm test)",
        "npm test && id: ask",
        "git log $(id): ask",
        "npm test: allow (user: allow: npm test)",
        "npm test: allow (user: allow: npm test)",
        "npm test;: ask",
      ],
    );
  });

  it("do not allow outside the folder, nor by an open pattern what touches guarded or outside paths", () => {
    const rules = [{ command: "cp *" }, { command: "cat /etc/hosts" }];
    const withPath = (text: string, inside: boolean, guarded?: string): Partial<Question> => ({
      command: {
        kind: "known",
        commands: [{ argv: text.split(" "), reads: false, words: text }],
        paths: [{ given: "p", path: "/p", inside, ...(guarded === undefined ? {} : { guarded }) }],
      },
    });
    assert.deepEqual(
      [
        ask(run("cp a b"), rules, withPath("cp a b", true)),
        ask(run("cp a b", false), rules, withPath("cp a b", true)),
        ask(run("cp a /p"), rules, withPath("cp a /p", false)),
        ask(run("cp a .vscode/x"), rules, withPath("cp a .vscode/x", true, "It configures the editor.")),
        ask(run("cat /etc/hosts"), rules, withPath("cat /etc/hosts", false)),
      ],
      ["allow (user: allow: cp *)", "ask", "ask", "ask", "allow (user: allow: cat /etc/hosts)"],
    );
  });

  it("deny and ask as soon as one command of a line does, or where their words stand in what can't be taken apart", () => {
    const rules: readonly Part[] = [
      { action: "deny", command: "git push *" },
      { action: "ask", command: "npm publish" },
      { action: "allow", command: "npm *" },
    ];
    const cases: readonly (readonly [string, CommandFacts | undefined])[] = [
      ["npm test && git push -f", known("npm test", "git push -f")],
      ["npm test $(git push)", unknown],
      ["x=`git  'push' -f`", unknown],
      ["g\\it push", unknown],
      ["echo git; push", unknown],
      ["GIT.EXE Push", unknown],
      ["git -C . push -f", known("git -C . push -f")],
      ["git -c a=b --no-pager push", known("git -c a=b --no-pager push")],
      ["/usr/bin/GIT push", known("/usr/bin/GIT push")],
      ["env A=1 git push", known("env A=1 git push")],
      ["sudo -u x timeout 5 git -q push", known("sudo timeout 5 git push")],
      ["npm publish", known("npm publish")],
      ["npm --silent publish", known("npm --silent publish")],
      ["npm pack", known("npm pack")],
    ];
    assert.deepEqual(
      cases.map(([text, command]) => ask(run(text), rules, command === undefined ? {} : { command })),
      [
        ...Array.from({ length: 11 }, () => "deny (user: deny: git push *)"),
        ...["ask", "ask", "allow (user: allow: npm *)"],
      ],
    );
  });
});

describe("rules on files and hosts", () => {
  const write = (path: string, guarded?: string): Effect => ({
    kind: "write",
    path,
    inside: path.startsWith("/w/"),
    ...(guarded === undefined ? {} : { guarded }),
  });

  it("decide on the real path, from the folder on", () => {
    const rules: readonly Part[] = [
      { path: "src/**" },
      { path: "/out/*.txt" },
      { action: "ask", path: "src/Keep/**" },
      { action: "deny", path: "**/secret*" },
    ];
    const paths = ["src/a", "src/b/c", "srcs/a", "src/keep/x", "src/SECRET.txt", "a"].map((name) => `/w/${name}`);
    assert.deepEqual(
      [...paths, "/out/a.txt", "/out/b/a.txt"].map((path) => `${path} ${ask(write(path), rules)}`),
      [
        "/w/src/a allow (user: allow: src/**)",
        "/w/src/b/c allow (user: allow: src/**)",
        "/w/srcs/a ask",
        "/w/src/keep/x ask",
        "/w/src/SECRET.txt deny (user: deny: **/secret*)",
        "/w/a ask",
        "/out/a.txt allow (user: allow: /out/*.txt)",
        "/out/b/a.txt ask",
      ],
    );
  });

  it("never allow guarded files, which a rule can still deny", () => {
    const guarded = write("/w/.git/config", "It belongs to git's own files.");
    assert.deepEqual(
      (["ask", "edits", "unrestricted"] as const).map((mode) => ask(guarded, [{ path: "**" }], { mode })),
      ["ask", "ask", "ask"],
    );
    assert.equal(ask(guarded, [{ action: "deny", path: ".git/**" }]), "deny (user: deny: .git/**)");
  });

  it("allow to look through a folder only where they are for all that is below it", () => {
    const look = (path: string): Effect => ({ kind: "read", path, inside: false, deep: true });
    const globs = ["/out", "/out/*", "/out/**", "/out/**/*.md", "/**"];
    assert.deepEqual(
      globs.map((glob) => `${glob} ${ask(look("/out"), [{ path: glob }])}`),
      [
        "/out ask",
        "/out/* ask",
        "/out/** allow (user: allow: /out/**)",
        "/out/**/*.md ask",
        "/** allow (user: allow: /**)",
      ],
    );
  });

  it("do not let a path or a tool allow a command, nor a tool alone what is outside", () => {
    assert.equal(ask(run("ls"), [{ path: "**" }, { tool: "t" }, { path: "/**" }]), "ask");
    assert.equal(ask(write("/x"), [{ tool: "t" }]), "ask");
    assert.equal(ask(write("/w/x"), [{ tool: "t" }]), "allow (user: allow: t)");
    assert.equal(ask(write("/w/x"), [{ tool: "other" }]), "ask");
  });

  it("know a host from one that only looks like it", () => {
    const net = (host: string, isPrivate = false): Effect => ({
      kind: "net",
      url: `https://${host}/`,
      host,
      private: isPrivate,
      why: "It reads.",
    });
    const rules: readonly Part[] = [{ host: "a.example" }, { host: "*.b.example" }, { host: "127.0.0.1" }];
    const hosts = [
      "a.example",
      "x.a.example",
      "a.example.evil",
      "xa.example",
      "b.example",
      "c.b.example",
      "cb.example",
    ];
    assert.equal(ask(net("x.example"), [{ tool: "t" }]), "allow (user: allow: t)");
    assert.equal(ask(net("x.example", true), [{ tool: "t" }]), "ask");
    assert.deepEqual(
      [...hosts.map((host) => ask(net(host), rules)), ask(net("127.0.0.1", true), rules)].map((one) => one.slice(0, 5)),
      ["allow", "ask", "ask", "ask", "ask", "allow", "ask", "ask"],
    );
  });
});

describe("modes", () => {
  it("decide what no rule has decided", () => {
    const write: Effect = { kind: "write", path: "/w/a", inside: true };
    const outside: Effect = { kind: "write", path: "/a", inside: false };
    const calls = [
      { effect: write },
      { effect: outside },
      { effect: run("cat x"), command: known("cat x") },
      { effect: run("make"), command: known("make") },
      { effect: { kind: "read", path: "/w/a", inside: true } as const },
      { effect: { ...run("make"), sandbox: "in" } as const },
      { effect: { ...run("make"), sandbox: "out" } as const },
    ];
    const modes: readonly Mode[] = ["ask", "edits", "plan", "sandbox", "unrestricted"];
    assert.deepEqual(
      modes.map((mode) => calls.map(({ effect, ...rest }) => ask(effect, [], { mode, ...rest }).split(" ")[0])),
      [
        ["ask", "ask", "allow", "ask", "allow", "ask", "ask"],
        ["allow", "ask", "allow", "ask", "allow", "ask", "ask"],
        ["deny", "deny", "allow", "deny", "allow", "deny", "deny"],
        ["allow", "ask", "allow", "ask", "allow", "allow", "ask"],
        ["allow", "allow", "allow", "allow", "allow", "allow", "allow"],
      ],
    );
    const rules: readonly Part[] = [
      { action: "deny", command: "make" },
      { action: "ask", path: "a" },
      { command: "id" },
    ];
    assert.deepEqual(
      [
        ask(run("make"), rules, { mode: "unrestricted", command: known("make") }),
        ask(write, rules, { mode: "unrestricted" }),
        ask(run("id"), rules, { mode: "plan", command: known("id") }),
      ],
      ["deny (user: deny: make)", "ask", "deny (mode: Plan)"],
    );
  });
});

// ---- properties ------------------------------------------------------------------------------------------------

const anyAction = fc.constantFrom<Rule["action"]>("allow", "ask", "deny");
const anyPart = fc.record(
  {
    action: anyAction,
    tool: fc.constantFrom("t", "other"),
    path: fc.constantFrom("**", "src/**", "/x/*", "a", ".git/**"),
    command: fc.constantFrom("git *", "git log", "rm * x", "cat a", "git log $(id)"),
    host: fc.constantFrom("a.example", "*.example"),
    reason: fc.constant("Why."),
  },
  { requiredKeys: ["action"] },
);
const anyRule = (source: fc.Arbitrary<Rule["source"]>): fc.Arbitrary<Rule> =>
  fc.record({ part: anyPart, source }).map(({ part, source: from }) => rule({ ...part, source: from }));
const anyMode = fc.constantFrom<Mode>("ask", "edits", "plan", "sandbox", "unrestricted");
const anyCall: fc.Arbitrary<Pick<Question, "effect" | "command">> = fc.constantFrom(
  { effect: { kind: "read", path: "/w/a", inside: true } },
  { effect: { kind: "read", path: "/x/a", inside: false } },
  { effect: { kind: "write", path: "/w/src/a", inside: true } },
  { effect: { kind: "write", path: "/w/.git/config", inside: true, guarded: "It belongs to git." } },
  { effect: { kind: "write", path: "/x/a", inside: false } },
  { effect: run("git log"), command: known("git log") },
  { effect: run("git log && cat a"), command: known("git log", "cat a") },
  { effect: run("git log $(id)"), command: unknown },
  { effect: run("cat a"), command: known("cat a") },
  { effect: { kind: "net", url: "https://a.example/", host: "a.example", private: false, why: "It reads." } },
  { effect: { kind: "net", url: "https://a.example/", host: "a.example", private: true, why: "It reads." } },
  { effect: { kind: "job", act: "stop", id: "j1" } },
  { effect: { kind: "none" } },
);

describe("whatever the rules", () => {
  const strictness = { allow: 0, ask: 1, deny: 2 } as const;
  const kind = (call: Pick<Question, "effect" | "command">, rules: readonly Rule[], mode: Mode) =>
    decide({ ...call, tool: "t", grants: [], policy: { rules, mode, root: "/w" } }).kind;

  it("their order changes nothing", () => {
    const anyRules = fc.array(anyRule(fc.constantFrom("user", "workspace", "always")), { maxLength: 8 });
    const shuffled = anyRules.chain((rules) =>
      fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length })),
    );
    fc.assert(
      fc.property(shuffled, anyCall, anyMode, ([rules, other], call, mode) => {
        assert.equal(kind(call, other, mode), kind(call, rules, mode));
      }),
    );
  });

  it("what denies wins over what asks, and that over what allows", () => {
    fc.assert(
      fc.property(fc.array(anyRule(fc.constant("user")), { maxLength: 8 }), anyCall, anyMode, (rules, call, mode) => {
        const without = (action: Rule["action"]) => rules.filter((one) => one.action !== action);
        const single = (action: Rule["action"]) =>
          kind(
            call,
            rules.filter((one) => one.action === action),
            "ask",
          );
        const now = kind(call, rules, mode);
        if (single("deny") === "deny") assert.equal(now, "deny");
        assert.ok(strictness[now] >= strictness[kind(call, without("deny"), mode)]);
        assert.ok(strictness[now] <= strictness[kind(call, without("allow"), mode)]);
      }),
    );
  });

  it("a rule of the folder makes nothing more allowed", () => {
    const users = fc.array(anyRule(fc.constantFrom("user", "always")), { maxLength: 6 });
    const folders = fc.array(anyRule(fc.constant("workspace")), { maxLength: 6 });
    fc.assert(
      fc.property(users, folders, anyCall, anyMode, (rules, more, call, mode) => {
        assert.ok(strictness[kind(call, [...rules, ...more], mode)] >= strictness[kind(call, rules, mode)]);
      }),
    );
  });
});

describe("patterns", () => {
  it("match words whole", () => {
    const cases = [
      matchesWords("git *", ["git"]),
      matchesWords("git *", ["git", "a", "b"]),
      matchesWords("git * b", ["git", "a", "b"]),
      matchesWords("git * b", ["git", "b"]),
      matchesWords("git * b", ["git", "a", "c", "b"]),
      matchesWords("git", ["git", "a"]),
      matchesWords("git log", ["git", "log "]),
      matchesWords("git log", ["git log"]),
      matchesWords("", []),
    ];
    assert.deepEqual(cases, [true, true, true, false, false, false, false, false, false]);
  });

  it("are found in a text only as whole words", () => {
    assert.deepEqual(
      ["git push", "(git push)", "x;git push&", "git\npush", "gitpush", "legit push", "git pushy"].map((text) =>
        standsIn("git push *", text),
      ),
      [true, true, true, true, false, false, false],
    );
  });

  it("on paths: names, folders, cases", () => {
    const cases: readonly (readonly [string, string])[] = [
      ["*.ts", "/w/a.ts"],
      ["*.ts", "/w/src/a.ts"],
      ["**/*.ts", "/w/a.ts"],
      ["**/*.ts", "/w/src/x/a.ts"],
      ["src", "/w/src"],
      ["src", "/w/src/a"],
      ["src/", "/w/src"],
      ["src/**", "/w/src"],
      ["src/**", "/w/src/a/b"],
      ["src/**", "/w-evil/src/a"],
      ["**", "/w-evil/a"],
      ["/**", "/w-evil/a"],
      ["a?c", "/w/abc"],
      ["a?c", "/w/a/c"],
      ["SRC/**", "/w/src/a"],
      ["src\\**", "/w/src/a"],
    ];
    assert.deepEqual(
      cases.map(([glob, path]) => matchesGlob(glob, path, { root: "/w", ignoreCase: false })),
      [true, false, true, true, true, false, true, true, true, false, false, true, true, false, false, true],
    );
    assert.ok(matchesGlob("SRC/**", "/w/src/a", { root: "/w", ignoreCase: true }));
  });

  it("take no long time over long ones", () => {
    const path = `/w/${"a/".repeat(2_000)}b`;
    assert.equal(matchesGlob(`${"**/a/".repeat(300)}c`, path, { root: "/w", ignoreCase: true }), false);
    assert.equal(matchesGlob(`${"*a".repeat(100)}c`, `/w/${"a".repeat(255)}`, { root: "/w", ignoreCase: true }), false);
    assert.equal(standsIn(`${"a ".repeat(1_000)}b`, "a ".repeat(8_000)), false);
  });
});
