/** Commands that print at the same time, in one chat and in several: each output is its own card's. */
import assert from "node:assert/strict";
import type { ToView } from "../../src/chunks/protocol";
import { reply } from "../simulator/reply";
import type { ScenarioFunction } from "../simulator/scenario";
import { withAgent } from "../support/agent";
import { call } from "../support/script";

const letters = ["a", "b", "c", "d"];
const printing = (letter: string, pause = 0.02): string =>
  `for i in 1 2 3 4 5 6 7 8; do printf '${letter}%.0s' {1..2000}; echo; sleep ${pause}; done`;

/** What one view has got of running commands, by call. */
function outputsOf(messages: readonly ToView[]): ReadonlyMap<string, string> {
  const outputs = new Map<string, string>();
  for (const message of messages) {
    if (message.type !== "live" || message.event.kind !== "output") continue;
    const { callId, text } = message.event;
    outputs.set(callId, (outputs.get(callId) ?? "") + text);
  }
  return outputs;
}

const lettersIn = (text: string): string => [...new Set(text.replaceAll(/\s|\[.*\]/g, ""))].sort().join("");

describe("commands that print at the same time", () => {
  it("in several chats keep to their own cards and results", () => {
    const scenario: ScenarioFunction = ({ userText, step }) =>
      step === 0 ? reply(call("run_shell", { command: printing(userText) })) : reply("Done.");
    return withAgent(scenario, {}, async (agent) => {
      for (const _ of letters.slice(1)) {
        const count = agent.state().tabs.length;
        agent.say({ type: "newTab" });
        await agent.until(({ tabs }) => tabs.length > count);
      }
      const tabs = agent.state().tabs.map(({ id }) => id);
      const seen = await Promise.all(
        tabs.map(
          (tab, at) =>
            new Promise<string>((resolve) => {
              const got: ToView[] = [];
              const view = agent.session.attach(
                (message) => {
                  got.push(message);
                  for (const { id } of message.type === "approvals" ? message.cards : [])
                    queueMicrotask(() => view.receive({ type: "decide", tab, id, answer: { kind: "allow_once" } }));
                  if (message.type === "turn") resolve([...outputsOf(got).values()].map(lettersIn).join());
                },
                { tab },
              );
              view.receive({ type: "ready" });
              view.receive({ type: "send", tab, text: letters[at] ?? "" });
            }),
        ),
      );
      assert.deepEqual(seen, letters);
      const results = await Promise.all(
        tabs.map(async (tab) => {
          const rows = await agent.store.rows(tab, 1, await agent.store.lastSeq(tab));
          return rows.flatMap((row) => (row.type === "tool_result" ? [lettersIn(row.data.text)] : [])).join();
        }),
      );
      assert.deepEqual(results, letters);
    });
  });

  it("in one chat, in the background, are read apart", () => {
    const scenario: ScenarioFunction = ({ step, results }) => {
      if (step === 0)
        return reply(
          ...letters.map((letter) => call("run_shell", { command: printing(letter, 0.2), background: true })),
        );
      const jobs = results.flatMap(({ text }) => /\b(j\d+)\b/.exec(text)?.[1] ?? []);
      if (step === 1) return reply(...jobs.map((job) => call("job_output", { job, wait_seconds: 20 })));
      return reply("Done.");
    };
    return withAgent(scenario, { answer: () => ({ kind: "allow_once" }) }, async (agent) => {
      await agent.send("go");
      const results = (await agent.rows()).flatMap((row) =>
        row.type === "tool_result" && row.data.name === "job_output" ? [lettersIn(row.data.text)] : [],
      );
      assert.deepEqual(results, letters);
    });
  });
});
