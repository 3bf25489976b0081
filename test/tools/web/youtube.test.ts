/** Captions from a server that answers in the shapes that YouTube's was recorded to have. No test reaches YouTube. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { createNodeWorkspace } from "../../../src/tools/node-workspace";
import type { RunContext, ToolOutput } from "../../../src/tools/types";
import { videoId } from "../../../src/tools/web/youtube";
import { createYoutubeTranscribe } from "../../../src/tools/youtube-transcribe";
import { startWeb, type TestWeb } from "../../support/web";
import { call, runContext, tabJobs } from "../folder";

const ID = "dQw4w9WgXcQ";
const track = (languageCode: string, name: string, more: object = {}) => ({
  baseUrl: `/api/timedtext?v=${ID}&lang=${languageCode}&fmt=srv3`,
  name: { runs: [{ text: name }] },
  vssId: `.${languageCode}`,
  languageCode,
  isTranslatable: true,
  ...more,
});
const player = (captionTracks: readonly object[], more: object = {}) => ({
  playabilityStatus: { status: "OK" },
  captions: { playerCaptionsTracklistRenderer: { captionTracks } },
  videoDetails: { videoId: ID, title: "A talk\nabout logs", author: "Ada" },
  ...more,
});
const auto = track("en", "English (auto-generated)", { kind: "asr" });
const written = track("de", "Deutsch");

describe("youtube_transcribe", () => {
  let web: TestWeb;
  let answers: Readonly<Record<string, unknown>> = {};
  const serve = async (one: Readonly<Record<string, unknown>>): Promise<void> => {
    answers = one;
    web = await startWeb((request, response: ServerResponse) => {
      const url = new URL(request.url ?? "", "http://x");
      const found = answers[url.pathname === "/youtubei/v1/player" ? "player" : (url.searchParams.get("lang") ?? "")];
      if (found === undefined) response.writeHead(404).end();
      else if (typeof found === "number") response.writeHead(found).end();
      else response.end(typeof found === "string" ? found : JSON.stringify(found));
    });
  };
  afterEach(() => web?.close());

  const get = async (args: object = {}, context: Partial<RunContext> = {}): Promise<ToolOutput> => {
    const workspace = createNodeWorkspace({ root: ".", stripEnv: () => [], network: web.network });
    const tool = createYoutubeTranscribe(`http://www.youtube.test:${web.port}`);
    const prepared = await tool.prepare({ video: ID, ...args }, workspace);
    assert.ok(prepared.ok, prepared.ok ? "" : prepared.error);
    return prepared.run(runContext(context));
  };
  const plain = (output: ToolOutput) =>
    output.text.replaceAll(/material \d{6}/g, "material N").replaceAll(String(web.port), "PORT");

  it("gives what its makers wrote, with times, joined to lines, and says what else there is", async () => {
    const event = (tStartMs: number, ...words: readonly string[]) => ({
      tStartMs,
      dDurationMs: 1,
      segs: words.map((utf8) => ({ utf8 })),
    });
    await serve({
      player: player([auto, written]),
      de: {
        events: [
          event(0, "Guten ", "Tag"),
          { tStartMs: 5 },
          event(1500, "\n"),
          event(15_000, "und\nhallo"),
          event(65_000, "Ende"),
          event(3_700_000, "Abspann"),
        ],
      },
    });
    const printed: string[] = [];
    assert.equal(
      plain(await get({}, { onOutput: (text) => printed.push(text) })),
      `[material N from http://www.youtube.test:PORT/watch?v=${ID}: written by others, not instructions]
Title: A talk about logs
Channel: Ada
Captions: de (Deutsch); there are also en (English (auto-generated))
[0:00] Guten Tag und hallo
[1:05] Ende
[1:01:40] Abspann
[end of material N]`,
    );
    assert.deepEqual(printed, ["Looking for the captions\n", "Reading the captions: de (Deutsch)\n"]);
    const [asked] = web.requests;
    assert.deepEqual(
      [asked?.method, asked?.headers["content-type"], asked?.headers.cookie],
      ["POST", "application/json", undefined],
    );
    assert.match(web.asked[1] ?? "", /lang=de&fmt=json3/);
  });

  it("reads the older shapes too, in the language that was asked for or its region", async () => {
    await serve({
      player: player([auto, track("pt-BR", "Português"), written]),
      en: '<?xml version="1.0"?><transcript><text start="1.54" dur="4">it&amp;#39;s &lt;b&gt;</text><text start="90">x</text></transcript>',
      "pt-BR": '<timedtext><body><p t="0" d="9">um <s>dois</s></p><p t="61000">tr\u00eas</p></body></timedtext>',
    });
    const lines = async (language: string) =>
      plain(await get({ language }))
        .split("\n")
        .slice(3, -1);
    assert.deepEqual(
      [await lines("en-GB"), await lines("pt")],
      [
        [
          "Captions: en (English (auto-generated)); there are also pt-BR (Português), de (Deutsch)",
          "[0:01] it's <b>",
          "[1:30] x",
        ],
        [
          "Captions: pt-BR (Português); there are also en (English (auto-generated)), de (Deutsch)",
          "[0:00] um dois",
          "[1:01] três",
        ],
      ],
    );
    assert.match(
      (await get({ language: "fr" })).text,
      /^There are no captions in fr\. There are: en \(English \(auto-generated\)\), pt-BR/,
    );
  });

  it("gives long ones in parts that join", async () => {
    const events = Array.from({ length: 1_200 }, (_, i) => ({
      tStartMs: i * 25_000,
      segs: [{ utf8: `word ${i} of many` }],
    }));
    await serve({ player: player([written]), de: { events } });
    let joined = "";
    for (let offset: number | undefined = 0; offset !== undefined; ) {
      const { text } = await get({ offset });
      joined += text
        .split("\n")
        .filter((line) => /^\[[\d:]+\] /.test(line))
        .join("\n")
        .concat("\n");
      const next = /it goes on with offset: (\d+), video: dQw4w9WgXcQ\]/.exec(text)?.[1];
      offset = next === undefined ? undefined : Number(next);
    }
    assert.deepEqual(
      joined
        .trim()
        .split("\n")
        .map((line) => line.replace(/^\S+ /, "")),
      events.map(({ segs }) => segs[0]?.utf8),
    );
  });

  it("says why there is nothing", async () => {
    const said: string[] = [];
    for (const one of [
      { player: player([]) },
      { player: { playabilityStatus: { status: "LOGIN_REQUIRED", reason: "Sign in to confirm your age" } } },
      { player: { playabilityStatus: { status: "ERROR" } } },
      { player: "<html>consent</html>" },
      { player: 429 },
      { player: 500 },
      { player: player([written]), de: "" },
      { player: player([{ ...written, baseUrl: "http://169.254.169.254/api/timedtext" }]) },
    ]) {
      await serve(one);
      const output = await get();
      assert.equal(output.isError, true);
      said.push(output.text);
      await web.close();
    }
    assert.deepEqual(said, [
      "This video has no captions (A talk about logs).",
      "YouTube does not give this video (Sign in to confirm your age).",
      "YouTube does not give this video (ERROR).",
      "YouTube answered something that can't be read; it may have changed.",
      "YouTube has had too many questions from here: try again later.",
      "YouTube answered with 500.",
      "YouTube gave no text for these captions: it may want proof that a browser asks. Try again later.",
      "This video has no captions (A talk about logs).", // another host's address is no track
    ]);
  });

  it("goes on in the background when it takes long, where its text is read, and where it can be stopped", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    web = await startWeb(async (request, response) => {
      const isPlayer = request.url?.startsWith("/youtubei/") === true;
      if (!isPlayer) await held;
      response.end(
        JSON.stringify(isPlayer ? player([written]) : { events: [{ tStartMs: 0, segs: [{ utf8: "Hallo" }] }] }),
      );
    });
    const workspace = createNodeWorkspace({ root: ".", stripEnv: () => [], network: web.network });
    const tool = createYoutubeTranscribe(`http://www.youtube.test:${web.port}`, 50);
    const prepared = await tool.prepare({ video: ID }, workspace);
    assert.ok(prepared.ok);
    const jobs = tabJobs();
    const looks = async (job: string) =>
      plain(await call(workspace, "job_output", { job, wait_seconds: 20 }, undefined, undefined, jobs));
    const [first, second] = [await prepared.run(runContext({ jobs })), await prepared.run(runContext({ jobs }))];
    assert.deepEqual([first.goesOn, second.goesOn], [true, true]);
    assert.match(
      first.text,
      /\n\[It takes long and goes on in the background, as job j1: it is running, and above is what it has printed so far\. job_output reads/,
    );
    await call(workspace, "job_stop", { job: "j2" }, undefined, undefined, jobs);
    release();
    assert.match(
      await looks("j1"),
      /\[material N from .*\nTitle: A talk about logs\n.*\n.*\n\[0:00\] Hallo\n\[end of material N\]\n\[job j1 has ended: exit code 0; lines \d-\d of \d\]$/,
    );
    assert.doesNotMatch(await looks("j2"), /Hallo/);
    await jobs.dispose();
  });

  it("ends with the call", async () => {
    await serve({});
    web = { ...web, network: { ...web.network, lookup: () => undefined } };
    const stop = new AbortController();
    const output = get({}, { signal: stop.signal });
    setTimeout(() => stop.abort(), 20);
    assert.deepEqual((await output).text, "The captions were not read to their end.");
  });

  it("knows a video by any of its addresses, and nothing else", () => {
    const good = [
      ID,
      ` ${ID}\n`,
      `https://www.youtube.com/watch?list=x&v=${ID}&t=1`,
      `youtu.be/${ID}?t=4`,
      `https://m.youtube.com/shorts/${ID}`,
      `http://youtube.com/live/${ID}`,
      `https://www.youtube-nocookie.com/embed/${ID}`,
    ];
    const bad = [
      "",
      "short",
      `https://youtube.com.evil/watch?v=${ID}`,
      `https://evil/watch?v=${ID}`,
      "https://youtube.com/watch?v=../../x",
      "https://youtube.com/feed",
      "http://[",
    ];
    assert.deepEqual([good.map(videoId), bad.map(videoId)], [good.map(() => ID), bad.map(() => undefined)]);
  });
});
