/** Each rule of the wire as one broken request and the exact answer to it. */
import assert from "node:assert/strict";
import { assistant, body, hour, marked, old, png, result, said, say, tool, use, user } from "./blocks";
import { errorLine, send } from "./client";
import { reply } from "./reply";
import { type Simulator, startSimulator } from "./server";
import type { SkinName } from "./skins";
import type { Fields } from "./types";
import { rows } from "./validity-rows";

const fine: Readonly<Record<string, Fields>> = {
  "results first, then text": said(
    user("a"),
    assistant([use("A"), use("B")]),
    user([result("B"), result("A"), say("go on")]),
  ),
  "an empty result": said(user("a"), assistant([use("A")]), user([result("A", { content: "" })])),
  "a result with an image": said(
    user("a"),
    assistant([use("A")]),
    user([result("A", { content: [say("x"), png(10, 10)] })]),
  ),
  "a system message at the end": said(user("a"), { role: "system", content: "s" }),
  "four markers, long before short": body({
    system: [say("s", hour)],
    messages: [user([1, 2, 3].map((n) => say(`${n}`, marked)))],
  }),
  "the automatic marker on a marked block": { ...body(marked), messages: [user([say("a", marked)])] },
  "a last assistant message on an old model": old({ messages: [user("a"), assistant("b")] }),
  "sampling on the old version is another matter": body({
    output_config: { effort: "max" },
    metadata: { user_id: "u" },
  }),
};

describe("simulator: every rule of the wire has its answer", () => {
  const running = new Map<SkinName, Simulator>();
  before(async () => {
    for (const skin of ["anthropic", "old-api"] as const) {
      running.set(skin, await startSimulator({ scenario: () => reply("fine"), skin, badKeys: ["bad"] }));
    }
  });
  after(async () => {
    for (const simulator of running.values()) await simulator.close();
  });
  const url = (skin: SkinName = "anthropic") => running.get(skin)?.url ?? "";

  for (const { rule, body: sent, headers, skin, answer } of rows) {
    it(rule, async () => {
      const got = await send(url(skin), sent, headers === undefined ? {} : { headers });
      assert.equal(errorLine(got), /^\d{3} /.test(answer) ? answer : `400 invalid_request_error: ${answer}`);
    });
  }

  it("says where JSON is broken, and takes no bytes that are not UTF-8", async () => {
    const cut = await send(url(), '{"model":');
    const bytes = await send(url(), Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
    assert.match(errorLine(cut), /^400 invalid_request_error: The request body is not valid JSON: Unexpected end/);
    assert.match(errorLine(bytes), /^400 invalid_request_error: The request body is not valid JSON: .*utf-8/i);
  });

  it("reports the first failure in the order of the checks", async () => {
    const everything = { ...body({ temperature: 1, tools: [tool("a.b")] }), messages: [assistant([use("A")])] };
    const lines: string[] = [];
    for (const broken of [
      { ...everything, model: "claude-9" },
      everything,
      { ...everything, temperature: undefined },
      { ...everything, temperature: undefined, tools: [] },
    ]) {
      lines.push(errorLine(await send(url(), broken)));
    }
    assert.deepEqual(lines, [
      "404 not_found_error: model: claude-9",
      "400 invalid_request_error: temperature: This parameter is no longer supported.",
      "400 invalid_request_error: tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
      '400 invalid_request_error: messages: first message must use the "user" role',
    ]);
  });

  for (const [what, sent] of Object.entries(fine)) {
    it(`takes: ${what}`, async () => {
      const got = await send(url(), sent);
      assert.equal(got.status, 200, got.body);
    });
  }
});
