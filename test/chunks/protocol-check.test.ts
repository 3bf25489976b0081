import assert from "node:assert/strict";
import fc from "fast-check";
import type { FromView } from "../../src/chunks/protocol";
import { parseFromView } from "../../src/chunks/protocol-check";

const every: { readonly [T in FromView["type"]]: readonly Extract<FromView, { type: T }>[] } = {
  ready: [{ type: "ready" }],
  sync: [
    { type: "sync", tab: "t" },
    { type: "sync", tab: "t", after: 0 },
  ],
  send: [{ type: "send", tab: "t", text: "hello" }],
  stop: [{ type: "stop", tab: "t" }],
  queueEdit: [{ type: "queueEdit", tab: "t", id: "m", text: "x" }],
  queueRemove: [{ type: "queueRemove", tab: "t", id: "m" }],
  queueMove: [{ type: "queueMove", tab: "t", id: "m", to: 0 }],
  sendNow: [
    { type: "sendNow", tab: "t" },
    { type: "sendNow", tab: "t", id: "m" },
  ],
  selectModel: [
    { type: "selectModel", tab: "t", model: { key: "k", model: "m" } },
    { type: "selectModel", tab: "t", model: { key: "k", model: "m", effort: "high" } },
  ],
  modes: [{ type: "modes" }],
  selectMode: [
    { type: "selectMode", tab: "t", mode: "plan" },
    { type: "selectMode", tab: "t", mode: "unrestricted" },
  ],
  background: [{ type: "background", tab: "t", callId: "c" }],
  stopJob: [{ type: "stopJob", tab: "t", id: "j" }],
  retryNow: [{ type: "retryNow", tab: "t" }],
  resume: [{ type: "resume", tab: "t" }],
  answer: [
    { type: "answer", tab: "t", id: "a", answer: { kind: "answer", choices: [] } },
    { type: "answer", tab: "t", id: "a", answer: { kind: "answer", choices: [0, 5], text: "and this" } },
    { type: "answer", tab: "t", id: "a", answer: { kind: "skip" } },
    { type: "answer", tab: "t", id: "a", answer: { kind: "nobody" } },
  ],
  decide: [
    { type: "decide", tab: "t", id: "a", answer: { kind: "allow_once" } },
    { type: "decide", tab: "t", id: "a", answer: { kind: "allow_tab" } },
    { type: "decide", tab: "t", id: "a", answer: { kind: "deny" } },
    { type: "decide", tab: "t", id: "a", answer: { kind: "deny", reason: "no" } },
  ],
  undoEdits: [{ type: "undoEdits", tab: "t", calls: ["c"] }],
  redoEdits: [{ type: "redoEdits", tab: "t", calls: ["c", "d"] }],
  draft: [{ type: "draft", tab: "t", text: "" }],
  newTab: [{ type: "newTab" }],
  closeTab: [
    { type: "closeTab", tab: "t" },
    { type: "closeTab", tab: "t", stop: false },
  ],
  reopenTab: [{ type: "reopenTab" }],
  renameTab: [{ type: "renameTab", tab: "t", title: "A title" }],
  moveTab: [
    { type: "moveTab", tab: "t" },
    { type: "moveTab", tab: "t", before: "u" },
  ],
  dismiss: [{ type: "dismiss", banner: "b" }],
  selectTab: [{ type: "selectTab", tab: "t" }],
  place: [
    { type: "place", tab: "t" },
    { type: "place", tab: "t", place: { seq: 3, offset: -12.5 } },
  ],
  recent: [{ type: "recent" }],
  offers: [{ type: "offers" }],
  takeOffer: [{ type: "takeOffer", id: "o" }],
  turnDetails: [{ type: "turnDetails", tab: "t", turnId: "u" }],
  picture: [{ type: "picture", tab: "t", callId: "c" }],
  openConversation: [{ type: "openConversation", id: "t" }],
  loadOlder: [{ type: "loadOlder", tab: "t", before: 1 }],
  loadNewer: [{ type: "loadNewer", tab: "t", after: 1 }],
  loadAround: [{ type: "loadAround", tab: "t", seq: 1 }],
  openFile: [
    { type: "openFile", path: "a.ts" },
    { type: "openFile", path: "a.ts", line: 3 },
  ],
  openLink: [{ type: "openLink", href: "https://example.com" }],
  openChanges: [{ type: "openChanges", tab: "t", turnId: "u" }],
  openDiff: [{ type: "openDiff", tab: "t", callId: "c" }],
  openOutput: [{ type: "openOutput", tab: "t", callId: "c" }],
  openTerminal: [{ type: "openTerminal", tab: "t", callId: "c" }],
  openJob: [{ type: "openJob", tab: "t", id: "j" }],
  copy: [{ type: "copy", text: "x" }],
  insert: [{ type: "insert", text: "x" }],
  run: [{ type: "run", command: "open-folder" }],
};
const messages = Object.values(every).flat();

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
