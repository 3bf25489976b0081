import assert from "node:assert/strict";
import { parsePermissions } from "../../src/models/settings-permissions";

const world = { tools: ["read_file", "write_file", "run_shell"], commandTools: ["run_shell"], home: "/home/ann" };
const parse = (value: unknown, before?: ReturnType<typeof parsePermissions>) => parsePermissions(value, world, before);

describe("dispatch.permissions", () => {
  it("takes rules as they are written, and nothing for no rules", () => {
    const rules = [
      { action: "allow", command: "git log *" },
      { action: "ask", tool: "write_file", path: "src/**", reason: "Mine." },
      { action: "deny", command: "*" },
      { action: "allow", host: "*.example.com" },
      { action: "deny", tool: "run_shell", path: "C:\\x\\**" },
      { action: "allow", path: "**" },
      { action: "deny", host: "[::1]:8080" },
    ];
    assert.deepEqual(parse(rules), { rules });
    assert.deepEqual(parse([{ action: "deny", path: "~/.ssh/**" }]), {
      rules: [{ action: "deny", path: "/home/ann/.ssh/**" }],
    });
    assert.deepEqual([parse(undefined), parse([])], [{ rules: [] }, { rules: [] }]);
  });

  it("says what is wrong, where, and what to write", () => {
    const wrong: readonly unknown[] = [
      "npm test",
      { action: "allow" },
      ["npm test"],
      [{ command: "npm test" }],
      [{ action: "always", command: "npm test" }],
      [{ action: "allow", cmd: "npm test" }],
      [{ action: "allow", command: 7 }],
      [{ action: "allow", command: " npm test" }],
      [{ action: "allow", command: "ls\r" }],
      [{ action: "deny", command: "" }],
      [{ action: "deny", path: "x".repeat(5_000) }],
      [{ action: "allow", tool: "run_shel", command: "ls" }],
      [{ action: "deny" }],
      [{ action: "deny", reason: "Why?" }],
      [{ action: "deny", tool: "read_file", command: "cat" }],
      [{ action: "deny", host: "a.example", command: "curl *" }],
      [{ action: "deny", host: "https://a.example/x" }],
      [{ action: "deny", host: "A.example" }],
      [{ action: "deny", path: "../x" }],
      [{ action: "deny", path: "~bob/x" }],
      [{ action: "deny", path: "https://a.example" }],
      [{ action: "allow", tool: "run_shell" }],
      [{ action: "allow", command: "*" }],
      [{ action: "allow", command: "* test" }],
    ];
    assert.deepEqual(
      wrong.map((value) => parse(value).problem),
      [
        'dispatch.permissions is "npm test"; write a list such as [{"action": "allow", "command": "npm test"}].',
        'dispatch.permissions is an object; write a list such as [{"action": "allow", "command": "npm test"}].',
        'dispatch.permissions[0] is "npm test"; write an object with action, tool, path, command, host and reason.',
        'dispatch.permissions[0].action is missing; write "allow", "ask" or "deny".',
        'dispatch.permissions[0].action is "always"; write "allow", "ask" or "deny".',
        'dispatch.permissions[0] has an unknown property "cmd"; it may have action, tool, path, command, host and reason.',
        "dispatch.permissions[0].command is 7; write a text, or leave it out.",
        'dispatch.permissions[0].command is " npm test"; write it without blanks before and behind it.',
        "dispatch.permissions[0].command contains a control character, which matches nothing; take it out.",
        "dispatch.permissions[0].command is empty; write a text, or leave it out.",
        "dispatch.permissions[0].path has 5000 characters; write at most 4000.",
        'dispatch.permissions[0].tool is "run_shel", which is no tool; the tools are read_file, write_file and run_shell.',
        "dispatch.permissions[0] says nothing of what it is about; write at least one of tool, path, command and host.",
        "dispatch.permissions[0] says nothing of what it is about; write at least one of tool, path, command and host.",
        'dispatch.permissions[0] has a command, but read_file runs none; leave out tool, or write "run_shell".',
        "dispatch.permissions[0] has a host and a command, which no call has both; write two rules.",
        'dispatch.permissions[0].host is "https://a.example/x"; write a host in small letters, such as "example.com" or "*.example.com".',
        'dispatch.permissions[0].host is "A.example"; write a host in small letters, such as "example.com" or "*.example.com".',
        'dispatch.permissions[0].path is "../x"; write it without "..", as a whole path where it leaves the folder.',
        'dispatch.permissions[0].path is "~bob/x"; write ~/ and what is in your home folder, or a whole path.',
        'dispatch.permissions[0].path is "https://a.example", which is an address; write a path, or host for what goes to the network.',
        'dispatch.permissions[0] allows run_shell without a command; write which commands, such as "npm test".',
        "dispatch.permissions[0].command begins with *, which would allow any command; write at least its first word.",
        "dispatch.permissions[0].command begins with *, which would allow any command; write at least its first word.",
      ],
    );
    assert.match(
      parse(Array.from({ length: 1_001 }, () => ({ action: "deny", path: "x" }))).problem ?? "",
      /at most 1000/,
    );
  });

  it("fails closed: a broken list keeps what counted, allows nothing new, and still denies and asks", () => {
    const before = parse([
      { action: "allow", command: "npm test" },
      { action: "deny", path: "a" },
    ]);
    const broken = [
      { action: "deny", path: "a" },
      { action: "allow", command: "ls *" },
      { action: "ask", path: "b" },
      7,
    ];
    const problem = "dispatch.permissions[3] is 7; write an object with action, tool, path, command, host and reason.";
    assert.deepEqual(parse(broken, before), {
      rules: [...before.rules, { action: "ask", path: "b" }],
      problem,
    });
    assert.deepEqual(parse(broken), {
      rules: [
        { action: "deny", path: "a" },
        { action: "ask", path: "b" },
      ],
      problem,
    });
    assert.deepEqual(parse("x", before).rules, before.rules);
    assert.deepEqual(parse([], parse(broken, before)), { rules: [] });
  });
});
