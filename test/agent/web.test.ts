/** The web through the whole agent: what is asked, what an answer covers, and that a denial leaves no trace in the network. */
import assert from "node:assert/strict";
import type { ApprovalAnswer, ApprovalCard } from "../../src/chunks/protocol";
import { type Agent, withAgent } from "../support/agent";
import { assertWire, said } from "../support/jobs";
import { call } from "../support/script";
import { startWeb, type TestWeb } from "../support/web";

const fetching = (url: string) => ({ blocks: [call("web_fetch", { url })] });

async function results(agent: Agent): Promise<readonly string[]> {
  return (await agent.rows()).flatMap((row) =>
    row.type === "tool_result"
      ? [
          `${row.data.outcome}: ${row.data.text.replaceAll(/material \d+/g, "material N").split("\n")[1] ?? row.data.text}`,
        ]
      : [],
  );
}

describe("the web through the agent", () => {
  let web: TestWeb;
  beforeEach(async () => {
    web = await startWeb(
      (request, response) => void response.end(`${request.headers.host?.split(":")[0]} ${request.url}`),
    );
  });
  afterEach(() => web.close());

  const run = async (
    urls: readonly string[],
    answer: (card: ApprovalCard) => ApprovalAnswer,
    use: (agent: Agent, cards: readonly ApprovalCard[]) => Promise<void>,
  ): Promise<void> => {
    const cards: ApprovalCard[] = [];
    const steps = [...urls.map((url) => fetching(url.replace("PORT", String(web.port)))), said("Done.")];
    const options = {
      workspace: { network: web.network },
      answer: (card: ApprovalCard) => {
        cards.push(card);
        return answer(card);
      },
    };
    await withAgent({ steps }, options, async (agent, simulator) => {
      assert.equal((await agent.send("go")).endReason, "done");
      assertWire(simulator);
      await use(agent, cards);
    });
  };

  it("asks for each host, and what is allowed in the tab covers exactly that one", async () => {
    const urls = ["http://a.test:PORT/1", "http://a.test:PORT/2", "http://b.a.test:PORT/3", "http://A.TEST.:PORT/4"];
    await run(
      urls,
      () => ({ kind: "allow_tab" }),
      async (agent, cards) => {
        assert.deepEqual(
          cards.map(({ title, subject, tabScope }) => [title, subject.kind === "net" && subject.text, tabScope]),
          [
            ["Fetch this page?", `http://a.test:${web.port}/1`, `All further calls of web_fetch to a.test:${web.port}`],
            [
              "Fetch this page?",
              `http://b.a.test:${web.port}/3`,
              `All further calls of web_fetch to b.a.test:${web.port}`,
            ],
          ],
        );
        assert.deepEqual(web.asked, ["a.test /1", "a.test /2", "b.a.test /3", "a.test /4"]);
        assert.deepEqual(
          await results(agent),
          web.asked.map((one) => `done: ${one}`),
        );
      },
    );
  });

  it("does not even look up the name of a host before it is allowed", async () => {
    const looked: string[] = [];
    const { lookup } = web.network;
    const network = {
      ...web.network,
      lookup: (...args: Parameters<typeof lookup>) => {
        looked.push(args[0]);
        lookup(...args);
      },
    };
    web = { ...web, network };
    await run(
      ["http://c2VjcmV0.test:PORT/"],
      () => ({ kind: "deny", reason: "no" }),
      async (agent) => {
        assert.deepEqual([looked, web.requests.length], [[], 0]);
        assert.match((await results(agent))[0] ?? "", /^denied: /);
      },
    );
  });

  it("warns of the own network and offers no answer that lasts", async () => {
    await run(
      ["http://10.1.2.3/admin"],
      () => ({ kind: "deny" }),
      async (_agent, [card]) => {
        assert.match(card?.risk ?? "", /^This address is on your machine or in its own network/);
        assert.equal(card?.tabScope, undefined);
      },
    );
  });
});
