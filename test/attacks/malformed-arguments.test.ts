/** Whatever a model writes as arguments: a clear error or a plan, never a throw, and nothing happens before it was decided. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { checkArguments } from "../../src/tools/arguments";
import { allTools } from "../../src/tools/index";
import type { Tool, Workspace } from "../../src/tools/types";
import { useFolder } from "../tools/folder";

const TOTAL = 10_000;

/** Texts that are JSON by their look and break something else: sizes, depths, names and halves of characters. */
const oddValue = fc.oneof(
  fc.constantFrom(
    "null",
    "true",
    "1e999",
    "-0",
    "1.5",
    "-1",
    "99999999999999999999",
    '""',
    '" "',
    '"\\ud800"',
    '"\\udc00x"',
    '"a\\u0000b"',
    '"\\u202e"',
    '"~/x"',
    '"../../x"',
    '"/etc/passwd"',
    '"file:///x"',
    '"http://[::1"',
    '"javascript:1"',
    "[]",
    "{}",
    "[[]]",
    '{"__proto__":{"path":"x"}}',
    '{"constructor":{"prototype":{}}}',
    '{"toString":1}',
  ),
  fc.nat(100_000).map((length) => JSON.stringify("x".repeat(length))),
  fc.nat(3_000).map((depth) => "[".repeat(depth) + "]".repeat(depth)),
  fc.nat(3_000).map((depth) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`),
  fc.json({ maxDepth: 3 }),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => JSON.stringify(text)),
);

function namesOf({ schema }: Tool): readonly string[] {
  const { properties } = schema;
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
}

/** Members with known and unknown names, some of them twice, and then perhaps damage to the whole. */
function argumentsFor(tool: Tool): fc.Arbitrary<string> {
  const names = ["__proto__", "constructor", "toString", "", "Path", "extra", ...namesOf(tool), ...namesOf(tool)];
  const member = fc
    .tuple(fc.constantFrom(...names), oddValue)
    .map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  const object = fc.array(member, { maxLength: 6 }).map((members) => `{${members.join(",")}}`);
  return fc.oneof(
    { weight: 6, arbitrary: object },
    { weight: 1, arbitrary: fc.tuple(object, fc.nat(200)).map(([text, at]) => text.slice(0, at)) },
    { weight: 1, arbitrary: object.map((text) => `\ufeff${text}`) },
    { weight: 1, arbitrary: object.map((text) => `${text}${text}`) },
    { weight: 1, arbitrary: oddValue },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  );
}

describe("malformed arguments", function () {
  this.timeout(120_000);
  const folder = useFolder();

  it(`of ${TOTAL.toLocaleString("en-US")} calls none throws, none has an effect, and each error is a sentence`, async () => {
    const { root, outer, put, workspace } = folder();
    put("a.txt", "a\n");
    put("src/b.ts", "b\n");
    const before = contents(outer);
    const forbidden = (what: string) => (): never => assert.fail(`${what} before it was decided`);
    const careful: Workspace = {
      ...workspace,
      write: forbidden("wrote"),
      remove: forbidden("removed"),
      run: forbidden("ran"),
    };
    const counts = { refused: 0, planned: 0 };
    const each = Math.ceil(TOTAL / allTools.length);
    for (const tool of allTools) {
      await fc.assert(
        fc.asyncProperty(argumentsFor(tool), async (text) => {
          tool.about({});
          const checked = checkArguments(tool.schema, text);
          if (!checked.ok) return refuse(counts, checked.error);
          tool.about(checked.args);
          const prepared = await tool.prepare(checked.args, careful);
          if (!prepared.ok) return refuse(counts, prepared.error);
          counts.planned += 1;
        }),
        { numRuns: each, seed: 20_261_122, endOnFailure: true },
      );
    }
    assert.ok(counts.refused + counts.planned >= TOTAL);
    assert.ok(counts.planned > 100 && counts.refused > 1_000, JSON.stringify(counts));
    assert.deepEqual(contents(outer), before);
    assert.equal(Object.hasOwn(Object.prototype, "path"), false);
    assert.ok(root.startsWith(outer));
  });
});

function refuse(counts: { refused: number }, error: string): void {
  counts.refused += 1;
  assert.match(error, /\S.*[.?!)\]"`]\s*$/s, error.slice(0, 300));
  assert.ok(error.length < 20_000, `an error of ${error.length} characters`);
}

function contents(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => {
    const file = path.join(parentPath, name);
    return `${file}: ${readFileSync(file, "utf8")}`;
  });
}
