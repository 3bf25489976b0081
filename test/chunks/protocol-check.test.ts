import assert from "node:assert/strict";
import fc from "fast-check";
import { parseFromView } from "../../src/chunks/protocol-check";
import { every, examples as messages } from "../support/messages";

function isRejected(value: unknown): boolean {
  return "error" in parseFromView(value);
}

describe("parseFromView", () => {
  it("takes every message of the protocol, and nothing beside its fields", () => {
    for (const message of messages) {
      const sent: unknown = JSON.parse(JSON.stringify({ ...message, extra: { deep: 1 } }));
      assert.deepEqual(parseFromView(sent), message);
    }
  });

  it("rejects every message with a field that is missing or of another type", () => {
    for (const message of messages) {
      const optional = new Set(
        { sync: ["after"], moveTab: ["before"], sendNow: ["id"], closeTab: ["stop"], place: ["place"] }[
          message.type as string
        ] ?? ["line"],
      );
      for (const name of Object.keys(message)) {
        const { [name]: _, ...without } = { ...message } as Record<string, unknown>;
        if (!optional.has(name)) assert.ok(isRejected(without), `${message.type} without ${name}`);
        for (const wrong of [
          null,
          {},
          [],
          name === "stop" ? 1 : true,
          Number.NaN,
          -1,
          1.5,
          "\u0000nosuch".repeat(200_000),
        ]) {
          assert.ok(
            isRejected({ ...message, [name]: wrong }),
            `${message.type} with ${name} ${String(wrong).slice(0, 20)}`,
          );
        }
      }
    }
  });

  it("holds to the limits", () => {
    assert.ok(!isRejected({ type: "send", tab: "t", text: "x".repeat(1_000_000) }));
    assert.ok(isRejected({ type: "send", tab: "t", text: "x".repeat(1_000_001) }));
    assert.ok(isRejected({ type: "stop", tab: "x".repeat(201) }));
    assert.ok(isRejected({ type: "stop", tab: "" }));
    assert.ok(isRejected({ type: "loadOlder", tab: "t", before: 0 }));
    assert.ok(isRejected({ type: "place", tab: "t", place: { seq: 1, offset: Number.POSITIVE_INFINITY } }));
    assert.ok(isRejected({ type: "run", command: "toString" }));
    assert.ok(isRejected({ type: "decide", tab: "t", id: "a", answer: { kind: "deny", reason: 5 } }));
    for (const choices of [undefined, 0, [-1], [0.5], ["0"], Array.from({ length: 21 }, () => 0)])
      assert.ok(isRejected({ type: "answer", tab: "t", id: "a", answer: { kind: "answer", choices } }));
  });

  it("does not take inherited members for fields", () => {
    assert.ok(isRejected(Object.create({ type: "ready" })));
    assert.ok(isRejected({ type: "constructor" }));
    assert.ok(isRejected({ type: "__proto__" }));
    assert.ok(isRejected(JSON.parse(`{"type":"stop","__proto__":{"tab":"t"}}`)));
  });

  it("says so when reading itself fails", () => {
    const unreadable = { error: "The message can't be read." };
    const throwing = () => {
      throw new Error("no");
    };
    assert.deepEqual(parseFromView(Object.defineProperty({}, "type", { get: throwing })), unreadable);
    assert.deepEqual(
      parseFromView(new Proxy({}, { get: throwing, has: throwing, getOwnPropertyDescriptor: throwing })),
      unreadable,
    );
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.deepEqual(parseFromView(proxy), unreadable);
  });

  it("reads each field once: a value can't change between the check and the use", () => {
    let reads = 0;
    const shifting = {
      type: "copy",
      get text() {
        return reads++ === 0 ? "x" : { not: "text" };
      },
    };
    assert.deepEqual(parseFromView(shifting), { type: "copy", text: "x" });
  });

  it("answers anything at all with a message or a sentence", () => {
    const cyclic: Record<string, unknown> = { type: "decide" };
    cyclic.answer = cyclic;
    const types = fc.constantFrom(...Object.keys(every), "nosuch", "__proto__");
    const fields = fc.dictionary(
      fc.constantFrom("tab", "text", "id", "answer", "before", "path", "line", "command"),
      fc.anything(),
    );
    const nearly = fc.tuple(types, fields).map(([type, rest]) => ({ type, ...rest }));
    fc.assert(
      fc.property(
        fc.oneof(fc.anything({ withBigInt: true, withNullPrototype: true }), nearly, fc.constant(cyclic)),
        (value) => {
          const parsed = parseFromView(value);
          if ("error" in parsed) assert.equal(typeof parsed.error, "string");
          else assert.deepEqual(parseFromView(JSON.parse(JSON.stringify(parsed))), parsed);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
