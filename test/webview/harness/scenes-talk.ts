/** Scenes of the task list, the agent's questions and the web. */
import type { Ask } from "../../../src/chunks/ask";
import type { ApprovalCard, ToView } from "../../../src/chunks/protocol";
import * as b from "./build";

const running = { status: "running", activity: { kind: "tools" } } as const;

const taskList = [
  { text: "Measure how long each module takes to load", status: "done" },
  { text: "Find what reads the whole configuration at start-up", status: "done" },
  {
    text: "Load plug-ins on first use instead of all at once, and keep packages/transcontinental-telemetry-aggregation as it is",
    status: "in_progress",
  },
  { text: "Key the cache by content hash", status: "pending" },
  { text: "Run the tests and measure again", status: "pending" },
] as const;

const ask: Ask = {
  id: "q1",
  callId: "q1",
  question: "The tests need a database that is not here. Which one is to be used for them from now on?",
  choices: [
    {
      label: "Postgres in a container",
      description: "As in production. Needs Docker on every machine that runs the tests, CI too.",
    },
    { label: "SQLite in memory", description: "Fast and without set-up; two queries must be written anew." },
    { label: "None: skip these tests" },
  ],
  several: false,
};

const asked = (change: Partial<Ask> = {}): readonly ToView[] => [
  b.snapshot({
    tabs: [
      b.tabState({
        status: "needs-approval",
        activity: { kind: "approval" },
        asks: [{ ...ask, ...change }],
        todo: taskList,
      }),
    ],
    specs: [
      b.user("Make the tests pass"),
      b.said("Most of them pass now. The rest needs a decision of yours."),
      b.call("q0", "ask_user", { question: "Which branch?", choices: [{ label: "main" }, { label: "next" }] }),
      b.result("q0", "ask_user", "The person chose: next", { summary: "next", durationMs: 9000 }),
      b.call("q1", "ask_user", { question: ask.question, choices: ask.choices }),
    ],
    live: {
      ...{ turnId: "turn1", step: 1, startedAt: 0, blocks: [] },
      tools: [{ callId: "q1", state: "running", startedAt: Date.now(), output: "" }],
    },
  }),
];

const webCard = (id: string, url: string, host: string, risk: string, tabScope?: string): ApprovalCard => ({
  ...{ id, tab: "t1", callId: id, tool: "web_fetch", title: "Fetch this page?", risk },
  subject: { kind: "net", act: "page", text: url, host },
  ...(tabScope === undefined ? {} : { tabScope }),
});

const DOCS = "https://docs.example.com/guides/plug-ins/loading-on-first-use?version=4.2&highlight=cache";

export const talkScenes: Readonly<Record<string, readonly ToView[]>> = {
  ask: asked(),
  "ask-several": asked({ several: true }),
  web: [
    b.snapshot({
      tabs: [b.tabState({ status: "needs-approval", activity: { kind: "approval" } })],
      specs: [
        b.user("How do others load plug-ins?"),
        b.call("w0", "web_fetch", { url: "https://example.com/plug-ins" }),
        b.result("w0", "web_fetch", "Title: Plug-ins\n[material 123456 from https://example.com/plug-ins …", {
          summary: "18,204 characters",
          durationMs: 1_400,
        }),
        b.call("w1", "web_fetch", { url: DOCS }),
        b.call("w3", "web_search", { query: "lazy loading of plug-ins in Node 26, with benchmarks" }),
        b.call("w2", "web_fetch", { url: "http://192.168.1.1/status" }),
      ],
      approvals: [
        webCard(
          ...(["w1", DOCS, "docs.example.com"] as const),
          "Sends this address to docs.example.com and gives what comes back to the model.",
          "All further calls of web_fetch to docs.example.com",
        ),
        {
          ...webCard(
            "w3",
            "",
            "",
            "Sends these words to Anthropic (api.anthropic.com), which searches the web for them, with the key of this chat. The bill of the chat has its tokens.",
          ),
          ...{
            tool: "web_search",
            title: "Search the web for this?",
            tabScope: "All further calls of web_search to api.anthropic.com",
          },
          subject: {
            kind: "net",
            act: "search",
            text: "lazy loading of plug-ins in Node 26, with benchmarks",
            host: "api.anthropic.com",
          },
        },
        webCard(
          ...(["w2", "http://192.168.1.1/status", "192.168.1.1"] as const),
          "This address is on your machine or in its own network, where there may be services that trust whoever can reach them. Sends this address to 192.168.1.1 and gives what comes back to the model.",
        ),
      ],
    }),
  ],
  todo: [
    b.snapshot({
      tabs: [b.tabState({ ...running, todo: taskList })],
      specs: [
        b.user("Make the engine start faster"),
        b.call("t0", "todo", { items: taskList }),
        b.result("t0", "todo", "The person sees the list.", { summary: "2 of 5 done" }),
        b.said("The loader is next."),
      ],
    }),
  ],
};
