/** Sessions through the whole agent that a person pays for, and what each costs beside the least that it could cost. */
import { type Price, priceList } from "../../src/models/price-list";
import type { Reply } from "../simulator/reply";
import type { RecordedRequest } from "../simulator/requests";
import type { FaultRule, Turn } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders } from "./agent";
import { createGate } from "./gate";
import { call, text } from "./script";

export type CostSession = {
  readonly name: string;
  /** Runs a session of so many steps, 8 at least. @returns its requests as the simulator has billed them. */
  readonly run: (steps: number) => Promise<readonly RecordedRequest[]>;
};

const read = call("read_file", { path: "a.txt" });
const look: Reply = { blocks: [text("I look. ".repeat(40)), read] };
const done: Reply = { blocks: [text("Done.")] };

/** So many steps in all; the one at `at` is another. */
function turn(steps: number, at = -1, other: Reply = look): Turn {
  return { steps: [...Array.from({ length: steps - 1 }, (_, index) => (index === at ? other : look)), done] };
}

export const costSessions: readonly CostSession[] = [
  {
    name: "a plain turn",
    run: (steps) => session([turn(steps)], async (agent) => ended(await agent.send("go"))),
  },
  {
    name: "a turn with steering",
    run(steps) {
      const gate = createGate();
      const middle = Math.floor(steps / 2);
      return session([turn(steps, middle, { ...look, hold: gate.opened })], async (agent) => {
        const end = agent.send("go");
        await agent.until((state) => state.views.get(agent.tab())?.live?.step === middle + 1);
        for (const words of ["Mind the tests too.", "And the docs."])
          agent.say({ type: "send", tab: agent.tab(), text: words });
        await agent.until((state) => state.tabs[0]?.queue.length === 2);
        gate.open();
        ended(await end);
      });
    },
  },
  {
    name: "a turn with a restart in the middle",
    run(steps) {
      const asks: Reply = { blocks: [text("I write."), call("write_file", { path: "b.txt", content: "b\n" })] };
      return session([turn(steps, Math.floor(steps / 2), asks)], async (agent, restart) => {
        void agent.send("go");
        await agent.until((state) => state.views.get(agent.tab())?.approvals.length === 1);
        const again = await restart();
        const end = again.resume();
        await again.until((state) => state.views.get(again.tab())?.approvals.length === 1);
        const [card] = again.state().views.get(again.tab())?.approvals ?? [];
        again.say({ type: "decide", tab: again.tab(), id: card?.id ?? "", answer: { kind: "allow_once" } });
        ended(await end);
      });
    },
  },
  {
    name: "a fallback to another model and back",
    run(steps) {
      const half = Math.floor(steps / 2);
      const fault = { kind: "overloaded", shouldRetry: false, times: 9 } as const;
      const faults = [{ turn: 0, step: Math.floor(half / 2), model: "claude-sonnet-5-5", fault }];
      const turns = [turn(half), turn(steps - half)];
      return session(
        turns,
        async (agent) => {
          ended(await agent.send("go"));
          ended(await agent.send("next"));
        },
        faults,
      );
    },
  },
  {
    name: "25 parallel calls in each step",
    run(steps) {
      const many: Reply = { blocks: [text("I look."), ...Array.from({ length: 25 }, () => read)] };
      const turns = [{ steps: [...Array.from({ length: steps - 1 }, () => many), done] }];
      return session(turns, async (agent) => ended(await agent.send("go")));
    },
  },
];

/**
 * What the input of a session has cost in units of the least: each model writes every prefix once and reads it ever
 * after, one request for each answer. Answers cost the same in both and are left out.
 * @param requests in their order; of one conversation, so that each prompt begins with the one before it.
 */
export function costInIdeals(requests: readonly Pick<RecordedRequest, "body" | "billed" | "outcome">[]): number {
  const cached = new Map<string, number>();
  let [paid, least] = [0, 0];
  for (const { body, billed, outcome } of requests) {
    if (billed === undefined) continue;
    const { model } = JSON.parse(body.toString());
    const price = priceOf(String(model));
    const fresh = billed.input_tokens;
    const known = "cache_read_input_tokens" in billed ? billed : undefined;
    const [hit = 0, written = 0] = [known?.cache_read_input_tokens, known?.cache_creation_input_tokens];
    paid += fresh * price.input + hit * price.read + written * price.write;
    if (outcome !== "complete") continue; // it had to be asked for again
    const whole = fresh + hit + written;
    const before = cached.get(model) ?? 0;
    least += before * price.read + (whole - before) * price.write;
    cached.set(model, whole);
  }
  return paid / least;
}

function priceOf(model: string): Price {
  const listed = priceList.find(({ models }) => models.includes(model));
  if (listed === undefined) throw new Error(`${model} has no price.`);
  return listed.price;
}

async function session(
  turns: readonly Turn[],
  use: (agent: Agent, restart: () => Promise<Agent>) => Promise<void>,
  faults: readonly FaultRule[] = [],
): Promise<readonly RecordedRequest[]> {
  const folders = tempFolders({ "a.txt": "A line of text.\n".repeat(40) });
  // The stricter of the two ways to count: a cache that is found so is found everywhere.
  const simulator = await startSimulator({ scenario: { turns, faults }, everyBlockIsAPosition: true });
  const models = ["claude-sonnet-5-5", "claude-opus-5-5"].map((model) => ({ key: "k1", model }));
  const start = () => startAgent({ simulator, ...folders, settings: { "dispatch.models": models } });
  let agent = await start();
  try {
    await use(agent, async () => {
      await agent.close();
      agent = await start();
      return agent;
    });
    return simulator.messages();
  } finally {
    await agent.close();
    await simulator.close();
    folders.remove();
  }
}

function ended({ endReason }: { readonly endReason: string }): void {
  if (endReason !== "done") throw new Error(`The turn has ended otherwise: ${endReason}.`);
}
