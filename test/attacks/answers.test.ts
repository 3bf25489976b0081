/**
 * Attacks on the answer of a person, as data: in a whole session, what is allowed is the one call whose question was
 * answered, once. What an entry may say is `AnswerCase`.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { assertNever } from "../../src/chunks/rows";
import { startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders } from "../support/agent";
import { noUnhandledRejections } from "../support/loose-ends";
import { call, text } from "../support/script";
import { type Act, type AnswerCase, corpus } from "./cases";

noUnhandledRejections();

describe("attacks on answers", () => {
  for (const one of corpus().flatMap(({ cases }) => cases.filter((one) => "acts" in one))) {
    it(`${one.id} ${one.attack}`, async () => assert.deepEqual(await outcomeOf(one), [one.questions, one.files]));
  }
});

async function outcomeOf({ calls, acts, files }: AnswerCase) {
  const folders = tempFolders({ "a.txt": "a\n" });
  const replies = calls.map(({ tool, args }) => ({ blocks: [call(tool, args)] }));
  const done = { blocks: [text("Done.")] };
  const turns = [
    { match: /^go$/m, steps: [...replies, done] },
    { match: /^stay$/m, steps: [done] },
  ];
  const simulator = await startSimulator({ scenario: { turns } });
  const questions: string[] = [];
  const start = () =>
    startAgent({
      simulator,
      ...folders,
      answer: ({ id }) => {
        if (!questions.includes(id)) questions.push(id);
        return undefined;
      },
    });
  const stage: Stage = { agent: await start(), start, questions, root: folders.root };
  try {
    let end = stage.agent.send("go");
    for (const act of acts) {
      if (act.do === "end") await end;
      else if (act.do === "send") end = stage.agent.send(act.text);
      else await perform(act, stage);
    }
    const contents = Object.keys(files).map((name) => {
      const file = path.join(folders.root, name);
      return [name, existsSync(file) ? readFileSync(file, "utf8") : null];
    });
    return [questions.length, Object.fromEntries(contents)];
  } finally {
    await stage.agent.close();
    await simulator.close();
    folders.remove();
  }
}

type Stage = {
  agent: Agent;
  readonly start: () => Promise<Agent>;
  readonly questions: readonly string[];
  readonly root: string;
};

async function perform(act: Exclude<Act, { readonly do: "end" | "send" }>, stage: Stage): Promise<void> {
  const { agent, questions } = stage;
  switch (act.do) {
    case "see":
      return agent.until((state) => {
        const cards = state.views.get(agent.tab())?.approvals ?? [];
        return questions.length >= act.question && cards.some(({ id }) => id === questions[act.question - 1]);
      });
    case "answer":
      return answer(act, stage);
    case "forge": {
      const id = questions.at(-1) ?? "";
      return agent.view.receive(
        JSON.parse(JSON.stringify(act.message).replaceAll("{tab}", agent.tab()).replaceAll("{id}", id)),
      );
    }
    case "stop":
      return agent.say({ type: "stop", tab: agent.tab() });
    case "reload":
      return agent.say({ type: "ready" });
    case "restart":
      await agent.close();
      stage.agent = await stage.start();
      return;
    case "put":
      return writeFileSync(path.join(stage.root, act.file), act.text);
    default:
      return assertNever(act);
  }
}

async function answer({ question, kind, from }: Act & { readonly do: "answer" }, { agent, questions }: Stage) {
  const id = questions[question - 1];
  assert.ok(id, `there was no question ${question}`);
  const own = agent.tab();
  const decide = (tab: string) => ({ type: "decide", tab, id, answer: { kind } });
  switch (from) {
    case undefined:
      return agent.view.receive(decide(own));
    case "other view": {
      const other = agent.session.attach(() => undefined);
      other.receive({ type: "ready" });
      return other.receive(decide(own));
    }
    case "other tab": {
      agent.session.attach(() => undefined, { tab: own }).receive({ type: "newTab" });
      await agent.until(({ tabs }) => tabs.length > 1);
      return agent.view.receive(decide(agent.state().tabs.find(({ id }) => id !== own)?.id ?? ""));
    }
    case "no tab":
      return agent.view.receive(decide("nosuch"));
    default:
      return assertNever(from);
  }
}
