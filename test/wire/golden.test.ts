/** Bodies of whole scenarios as they go over the wire, for the eye. Line breaks were added before messages and blocks. */

import { createConversation } from "../../src/wire/assemble";
import { renderPrompt } from "../../src/wire/prompt";
import { repair } from "../../src/wire/validity";
import { golden } from "../support/golden";
import { denied, type RowLog, rowLog } from "../support/rows";
import { head, judged } from "./judge";

const schema = { type: "object", properties: { path: { type: "string" } }, required: ["path"] };
const prompt = renderPrompt("You are Dispatch.", [{ name: "read_file", description: "Reads a file.", schema }]);

function begun(): RowLog {
  const log = rowLog();
  log.turn("Fix the test", ["Today is Sunday.\nThe workspace folder is /w."]);
  return log;
}

type Scenario = { readonly log: RowLog; readonly paused?: boolean };

const scenarios: Readonly<Record<string, () => Scenario>> = {
  plain: () => ({ log: begun() }),
  tools: () => ({
    log: begun().step().text("Looking.").call("c1").result("c1", "1: one").step().call("c2").result("c2", ""),
  }),
  "parallel-tools-out-of-order": () => ({
    log: begun().step().call("c1").call("c2").call("c3").result("c3", "three").result("c1", "one").result("c2", "two"),
  }),
  denial: () => ({
    log: begun()
      .step()
      .call("c1", "run_shell", `{"command":"rm -rf build"}`)
      .result("c1", "The person denied this call: not now", { isError: true, decision: denied, outcome: "denied" }),
  }),
  steering: () => ({
    log: begun()
      .step()
      .call("c1")
      .call("c2")
      .result("c2", "two")
      .result("c1", "one")
      .steer("Use vitest.")
      .step()
      .text("Ok.")
      .call("c3")
      .result("c3"),
  }),
  "interrupted-and-repaired": () => {
    const log = begun().step().call("c1").call("c2").result("c2", "two").system("interrupted");
    log.turn("Go on");
    return { log };
  },
  thinking: () => ({
    log: begun().step().thinking("The test is red.", "c2ln").text("Looking.").call("c1").result("c1"),
  }),
  "redacted-thinking": () => ({
    log: begun().step().redacted("b3BhcXVl").thinking("", "c2ln").call("c1").result("c1"),
  }),
  refusal: () => {
    const log = begun().step().thinking("hm", "c2ln").text("I can't").error("refusal", "The model refused.");
    log.turn("Then explain it");
    return { log };
  },
  "pause-turn": () => ({ log: begun().step().text("Still working."), paused: true }),
  "pause-turn-continued": () => ({
    log: begun().step().text("Still working.").step().text("Done with that.").call("c1").result("c1"),
  }),
  "two-turns": () => {
    const log = begun().step().call("c1").result("c1").step().text("Done.");
    log.turn("Now the docs", ["Today is Monday."]);
    return { log };
  },
  "failed-turn-and-a-new-message": () => {
    const log = begun().step().error("overloaded", "The service is overloaded.");
    log.turn("Try again");
    return { log };
  },
};

describe("the body of a request", () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    it(`is as it was looked at: ${name}`, () => {
      const { log, paused = false } = scenario();
      const conversation = createConversation(head, prompt);
      conversation.append(log.rows);
      const { text } = conversation.body({ paused });
      judged(text, paused);
      judged(rebuilt(log, paused), paused);
      golden(
        `wire/${name}`,
        `${text.replaceAll(/\{"(?=role")|\{"(?=type":"(?:text|t|r)\w*",)|(?=\]\}\]\}$)/g, "\n$&")}\n`,
      );
    });
  }
});

/** Repairing before appending must come to the same. */
function rebuilt(log: RowLog, paused: boolean): string {
  const conversation = createConversation(head, prompt);
  conversation.append(repair(log.rows, paused));
  return conversation.body({ paused }).text;
}
