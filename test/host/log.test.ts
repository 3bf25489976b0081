import assert from "node:assert/strict";
import { redact } from "../../src/host/log";

describe("the output channel", () => {
  it("masks every place of every known secret", () => {
    const secrets = new Set(["sk-ant-one-11111", "sk-ant-two-22222"]);
    assert.equal(
      redact("sent sk-ant-one-11111 then sk-ant-two-22222 then sk-ant-one-11111", secrets),
      "sent sk-a… then sk-a… then sk-a…",
    );
  });
});
