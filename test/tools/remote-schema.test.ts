import assert from "node:assert/strict";
import { remoteSchema } from "../../src/tools/remote-schema";

describe("a schema on the network", () => {
  const guarded = (after: string, before = ""): boolean => remoteSchema(before, after) !== undefined;

  it("is seen however its name and address are spelled", () => {
    for (const text of [
      '{"$schema":"https://evil.example/?d=x"}',
      '{"\\u0024schema":"https:\\/\\/evil.example"}',
      '{"$schema" /* a word */ : "http\\u003a//evil.example"}',
      '{"$schema": "https:/evil.example"}',
      "# yaml-language-server: $schema=https://evil.example/a",
      '<a xsi:noNamespaceSchemaLocation="http://evil.example/a.xsd"/>',
      '<?xml-model href="https://evil.example/a.rng"?>',
      '<!DOCTYPE a SYSTEM "http://evil.example/a.dtd">',
    ])
      assert.ok(guarded(text), text);
  });

  it("is nothing new when the address was there already, or is a file, or there is no schema", () => {
    const known = '{"$schema":"https://known.example/a.json"}';
    assert.equal(guarded('{"$schema":"https://known.example/a.json","b":1}', known), false);
    assert.equal(guarded('{"$schema":"./a.json"}'), false);
    assert.equal(guarded('{"homepage":"https://example.com"}'), false);
    assert.equal(guarded('<!DOCTYPE html><a href="https://example.com">'), false);
    assert.ok(guarded('{"$schema":"https://known.example/a.json?d=x"}', known));
  });
});
