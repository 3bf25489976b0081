import assert from "node:assert/strict";
import fc from "fast-check";
import { checkArguments } from "../../src/tools/arguments";
import { allTools } from "../../src/tools/index";
import { findJsonError } from "../../src/tools/json-error";

const schema = {
  type: "object",
  properties: {
    path: { type: "string" },
    limit: { type: "integer", minimum: 1, maximum: 9 },
    edits: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        properties: { old: { type: "string", minLength: 1 } },
        required: ["old"],
        additionalProperties: false,
      },
    },
  },
  required: ["path"],
  additionalProperties: false,
};

const EXPECTED =
  "Expected: {path: string, limit?: integer, edits?: [{old: string}, ...]}. Nothing was run. Repeat the call with arguments that fit.";

describe("checkArguments", () => {
  const errorOf = (text: string): string => {
    const checked = checkArguments(schema, text);
    return checked.ok ? "" : checked.error;
  };

  it("gives the parsed arguments", () => {
    const checked = checkArguments(schema, ' {"path": "a", "limit": 3, "edits": [{"old": "x"}]} ');
    assert.deepEqual(checked, { ok: true, args: { path: "a", limit: 3, edits: [{ old: "x" }] } });
  });

  it("takes no text at all for a call without arguments", () => {
    assert.deepEqual(checkArguments({ type: "object", properties: {} }, ""), { ok: true, args: {} });
  });

  it("says where the JSON breaks", () => {
    assert.equal(
      errorOf('{"path": "a",, "limit": 1}'),
      'The arguments are not valid JSON: unexpected "," at character 13, near "{\\"path\\": \\"a\\",, \\"limit\\": 1}". Nothing was run. Repeat the call with valid JSON.',
    );
    assert.equal(
      errorOf('{"path": "src/a'),
      'The arguments are not valid JSON: they end too early, after "{\\"path\\": \\"src/a". Nothing was run. Repeat the call with valid JSON.',
    );
  });

  it("lists what does not fit, in words", () => {
    assert.equal(
      errorOf('{"path": 1, "limit": 0, "edits": [{"old": ""}, {"new": 1}], "pth": "a"}'),
      [
        "The arguments do not fit the schema of the tool:",
        '- "path" must be a string, not a number.',
        '- "limit" must be at least 1, not 0.',
        '- "edits[0].old" must not be empty.',
        '- "old" is missing in "edits[1]".',
        '- "edits[1].new" is not an argument of this tool.',
        "- and 1 more",
        EXPECTED,
      ].join("\n"),
    );
    assert.equal(errorOf("[]"), `The arguments must be one JSON object, not an array.\n${EXPECTED}`);
    assert.equal(errorOf("null"), `The arguments must be one JSON object, not null.\n${EXPECTED}`);
    assert.equal(
      errorOf('{"limit": 1.5}'),
      `The arguments do not fit the schema of the tool:\n- "path" is missing.\n- "limit" must be an integer, not a number.\n${EXPECTED}`,
    );
  });

  it("gives names of the language no power", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      assert.match(
        errorOf(`{"path": "a", "${name}": {"limit": 1}}`),
        new RegExp(`"${name}" is not an argument of this tool`),
      );
    }
    assert.match(errorOf('{"__proto__": {"path": "a"}}'), /"path" is missing/);
    assert.deepEqual(checkArguments(schema, '{"path": "a", "path": "b"}'), { ok: true, args: { path: "b" } });
  });

  it("bounds depth and length", () => {
    assert.match(errorOf(`{"path": ${"[".repeat(100_000)}`), /nested more than 64 levels/);
    assert.match(errorOf(`{"path": "${"x".repeat(4_000_001)}"}`), /too long: 4,000,013 characters, at most 4,000,000/);
    assert.deepEqual(checkArguments(schema, `{"path": "${"[{".repeat(1_000)}"}`).ok, true);
  });

  it("never throws and never lets through what does not fit", () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    const object = fc.dictionary(
      fc.constantFrom("path", "offset", "limit", "content", "edits", "command", "cwd", "__proto__", "x"),
      value,
    );
    const text = fc.oneof(
      fc.string(),
      object.map((one) => JSON.stringify(one)),
      value.map((one) => JSON.stringify(one)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...allTools), text, fc.nat(), fc.nat(), (tool, whole, from, length) => {
        const at = from % (whole.length + 1);
        const broken = whole.slice(0, at) + whole.slice(at + (length % 4));
        for (const one of [whole, broken]) {
          const checked = checkArguments(tool.schema, one);
          if (!checked.ok) assert.match(checked.error, /\.$/);
          else assert.equal(typeof tool.about(checked.args), "string");
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("findJsonError", () => {
  it("agrees with the engine on what is JSON", () => {
    const valid = fc.jsonValue({ maxDepth: 5 }).map((one) => JSON.stringify(one, undefined, 1));
    const mutated = fc
      .tuple(valid, fc.nat(), fc.nat(3), fc.constantFrom("", '"', "{", "]", ",", "\\", "\n", "0", "-", "e", "\\u12"))
      .map(([text, from, length, added]) => {
        const at = from % (text.length + 1);
        return text.slice(0, at) + added + text.slice(at + length);
      });
    fc.assert(
      fc.property(fc.oneof(valid, mutated), (text) => {
        assert.equal(findJsonError(text) === undefined, isJson(text), JSON.stringify(text));
      }),
      { numRuns: 3_000 },
    );
  });

  function isJson(text: string): boolean {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  }
});
