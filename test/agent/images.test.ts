import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { imagesOf } from "../../src/agent/tab-images";
import type { ToolResult } from "../../src/chunks/rows";
import { rebuild } from "../../src/wire/assemble";
import { call, reply } from "../simulator/reply";
import type { RecordedRequest } from "../simulator/requests";
import type { Scenario } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { type Agent, type AgentOptions, startAgent, tempFolders } from "../support/agent";
import { makePng } from "../support/png";

const look = (name = "a.png") => reply(call("read_file", { path: name }));

describe("images", () => {
  it("are given to the model, as the same bytes in every later request, also after a restart", async () => {
    const steps = [
      reply("Hello."),
      look(),
      reply("A blue picture."),
      look("b.png"),
      reply("A red one."),
      reply("Still there."),
    ];
    await withImages({ steps }, {}, async ({ agent, simulator, restart }) => {
      await agent().send("hello");
      await agent().send("look");
      await agent().send("look again");
      await restart();
      await agent().send("still there?");
      const sent = simulator.messages();
      for (const [index, name] of [
        [2, "a.png"],
        [4, "b.png"],
      ] as const) {
        const data = pictures[name].toString("base64");
        const source = `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${data}"}}`;
        for (const request of sent.slice(index)) assert.equal(stem(request).split(source).length, 2, name);
      }
      for (const [before, request] of pairs(sent)) assert.ok(stem(request).startsWith(stem(before)));
      // The API keeps prompts with and without images apart: the first image costs the messages once, no later one does.
      const misses = (await details(agent())).map((step) => step.missed);
      assert.deepEqual(misses, [
        undefined,
        undefined,
        "Cache missed: with the first image, or without any, messages are cached anew.",
        undefined,
        undefined,
        undefined,
      ]);
      const [first] = await results(agent());
      assert.deepEqual(first, {
        ...first,
        text: shown,
        summary: "30×20",
        image: {
          blob: sha256(pictures["a.png"]),
          mediaType: "image/png",
          width: 30,
          height: 20,
          bytes: pictures["a.png"].length,
        },
      });
      await assertRebuildable(agent(), sent);
    });
  });

  it("are words for a server that takes none, and for a chat that has gone on to one", async () => {
    const keys = (images: boolean, simulator: Simulator) => ({
      "dispatch.keys": [{ id: "k1", provider: "anthropic", baseUrl: simulator.url, profile: { images } }],
    });
    await withImages(
      { steps: [look(), reply("No."), reply("Gone on.")] },
      {},
      async ({ agent, simulator, restart }) => {
        await restart({ settings: keys(false, simulator) });
        await agent().send("look");
        const [refused] = await results(agent());
        assert.deepEqual([refused?.isError, refused?.image], [true, undefined]);
        assert.match(
          refused?.text ?? "",
          /^a\.png is a PNG image \(\d+ bytes\)\. The model of this chat is not given images\. Use run_shell/,
        );
      },
    );
    await withImages(
      { steps: [look(), reply("Yes."), reply("Gone on.")] },
      {},
      async ({ agent, simulator, restart }) => {
        await agent().send("look");
        await restart({ settings: keys(false, simulator) });
        await agent().send("go on");
        const last = simulator.messages().at(-1)?.body.toString() ?? "";
        assert.doesNotMatch(last, /"type":"image"/);
        assert.ok(last.includes(JSON.stringify(`${shown}\n[The image itself can't be shown here.]`)));
        await assertRebuildable(agent(), simulator.messages());
      },
    );
  });

  it("that a server refuses do not end the chat: it goes on without them", async () => {
    const fault = {
      kind: "error",
      status: 400,
      type: "invalid_request_error",
      message: "messages.2.content.0: Could not process image",
    } as const;
    const scenario: Scenario = {
      steps: [look(), reply("Without, then."), reply("Fine.")],
      faults: [{ requests: [1], fault }],
    };
    await withImages(scenario, {}, async ({ agent, simulator }) => {
      assert.equal((await agent().send("look")).endReason, "done");
      assert.equal((await agent().send("and now?")).endReason, "done");
      const hasImage = simulator.messages().map(({ body }) => body.includes('"type":"image"'));
      assert.deepEqual(hasImage, [false, true, false, false]);
      await assertRebuildable(agent(), simulator.messages());
    });
  });

  it("that no server would take are refused before they are a part of the chat", async () => {
    const names = ["damaged.png", "cut.png", "wide.png"];
    await withImages(
      { steps: [reply(...names.map((name) => call("read_file", { path: name }))), reply("I see.")] },
      {},
      async ({ agent }) => {
        await agent().send("look");
        const found = new Map(
          (await results(agent())).map(({ text, image }) => [text.split(" ", 1)[0], [text, image]]),
        );
        assert.deepEqual(
          names.map((name) => found.get(name)),
          [
            [
              "damaged.png is a PNG image (16 bytes), but it is damaged or not complete, so it can't be shown to you.",
              undefined,
            ],
            [
              `cut.png is a PNG image (${pictures["cut.png"].length} bytes), but it is damaged or not complete, so it can't be shown to you.`,
              undefined,
            ],
            [
              `wide.png is a PNG image (${pictures["wide.png"].length} bytes) of 2001×1 pixels, at most 2,000 to a side can be shown to you. Use run_shell to make a smaller copy (convert in.png -resize 1500x1500 out.png), and read that.`,
              undefined,
            ],
          ],
        );
      },
    );
  });
});

const whole = makePng(30, 20);
const shown = `[a.png: a PNG image, 30×20 pixels, ${whole.length} bytes]`;
const pictures = {
  "a.png": whole,
  "b.png": makePng(31, 20, [200, 0, 0]),
  "damaged.png": whole.subarray(0, 16),
  "cut.png": whole.subarray(0, whole.length - 5),
  "wide.png": makePng(2_001, 1),
};

type Running = {
  readonly agent: () => Agent;
  readonly simulator: Simulator;
  readonly restart: (options?: Partial<AgentOptions>) => Promise<void>;
};

async function withImages(
  scenario: Scenario,
  options: Partial<AgentOptions>,
  use: (running: Running) => Promise<void>,
): Promise<void> {
  const folders = tempFolders();
  for (const [name, bytes] of Object.entries(pictures)) writeFileSync(path.join(folders.root, name), bytes);
  const simulator = await startSimulator({ scenario });
  let agent = await startAgent({ simulator, ...folders, ...options });
  const restart = async (change: Partial<AgentOptions> = {}) => {
    await agent.close();
    agent = await startAgent({ simulator, ...folders, ...options, ...change });
  };
  try {
    await use({ agent: () => agent, simulator, restart });
  } finally {
    await agent.close();
    await simulator.close();
    folders.remove();
  }
}

async function results(agent: Agent): Promise<readonly ToolResult[]> {
  return (await agent.rows()).flatMap((row) => (row.type === "tool_result" ? [row.data] : []));
}

async function details(agent: Agent) {
  return (await agent.session.timeline(agent.tab())).steps;
}

/** Every body that went out can be made again from the log and the blobs. */
async function assertRebuildable({ store, tab }: Agent, sent: readonly RecordedRequest[]): Promise<void> {
  const requests = await store.requests(tab());
  for (const [index, request] of requests.entries()) {
    const rows = await store.rows(tab(), request.firstSeq, request.lastSeq);
    const prompt = (await store.prompt(request.promptHash)) ?? "";
    const imageOf = request.options?.images === true ? { imageOf: await imagesOf(store, rows) } : {};
    const body = rebuild({ ...request, ...request.options, ...imageOf, prompt, rows });
    assert.equal(body, sent[index]?.body.toString());
  }
  assert.equal(requests.length, sent.length);
}

function stem(request: RecordedRequest): string {
  const text = request.body.toString().replaceAll(/,"cache_control":\{[^}]*\}/g, "");
  return text.replace(/\]\}\](?:,"diagnostics":\{[^}]*\})?\}$/, "");
}

function pairs<T>(all: readonly T[]): readonly (readonly [T, T])[] {
  return all.slice(1).flatMap((now, index) => {
    const before = all[index];
    return before === undefined ? [] : [[before, now] as const];
  });
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
