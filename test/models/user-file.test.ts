import assert from "node:assert/strict";
import { isWhole } from "../../src/host/user-file";

describe("a settings.json of VS Code's", () => {
  it("is whole with all that VS Code takes in it", () => {
    const whole = [
      "",
      " \n",
      "// nothing yet\n",
      "\uFEFF{}",
      '{"a": 1, "b": [1, 2,],}',
      '{ // "dispatch.keys": [\n"a": "http://x/*y*/", /* { */ "b": {"c": 1, /* last */ } // done\n}',
      '{"a": "tab\there", "b": "a \\" , ] }"}',
      "[]",
    ];
    assert.deepEqual(
      whole.filter((text) => !isWhole(text)),
      [],
    );
  });

  it("is broken where VS Code has to guess", () => {
    const broken = [
      "{ garbage",
      "{",
      '{"a": 1',
      '{"x": { "a": 1 }',
      '{"a": 1 "b": 2}',
      '{"a": [1,,2]}',
      '{"a": "open}',
      "{dispatch.models: []}",
      '{"a": 1} }',
      '{"a": 1, /* open }',
    ];
    assert.deepEqual(broken.filter(isWhole), []);
  });
});
