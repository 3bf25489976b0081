/** Healthy conversations as the loop would log them, with the places where a request goes out. */
import fc from "fast-check";
import type { Row } from "../../src/chunks/rows";
import { rowLog } from "../support/rows";

export type Conversation = {
  readonly rows: readonly Row[];
  /** A request goes out when so many rows are in the log. */
  readonly requests: readonly number[];
};

type Call = { readonly argumentsText: string; readonly text: string; readonly isError: boolean; readonly rank: number };
type Step = {
  readonly thinking: "none" | "signed" | "redacted";
  readonly text: string;
  readonly calls: readonly Call[];
  readonly steering: string;
  readonly notice: boolean;
};
type Turn = {
  readonly context: readonly string[];
  readonly text: string;
  readonly steps: readonly Step[];
  readonly end: "done" | "failed" | "cancelled";
};

const prose = fc.oneof(
  fc.constantFrom("Look.", `"quoted" \\ and\nlines`, "tab\tand 😀", "half \ud83d pair", "</script>\u2028"),
  fc.string({ minLength: 1, maxLength: 30, unit: "binary" }),
);
const argumentsText = fc.constantFrom(
  "{}",
  `{"path":"a.ts"}`,
  `{ "path" : "a.ts",\n "n": 1.0 }`,
  `{"2":1,"1":2,"id":12345678901234567890}`,
  `{"text":"\\u00e9\\ud83d\\ude00 \\\\ud83d"}`,
);

const call: fc.Arbitrary<Call> = fc.record({ argumentsText, text: prose, isError: fc.boolean(), rank: fc.nat(99) });
const step: fc.Arbitrary<Step> = fc.record({
  thinking: fc.constantFrom("none", "signed", "redacted"),
  text: fc.oneof(fc.constant(""), prose),
  calls: fc.oneof(
    { weight: 9, arbitrary: fc.array(call, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(call, { minLength: 16, maxLength: 25 }) },
  ),
  steering: fc.constantFrom("", "", "", "and quickly"),
  notice: fc.boolean(),
});
const turn: fc.Arbitrary<Turn> = fc.record({
  context: fc.array(prose, { maxLength: 2 }),
  text: fc.constantFrom("Fix it", "Go on", "Why?"),
  steps: fc.array(step, { maxLength: 4 }),
  end: fc.constantFrom("done", "done", "failed", "cancelled"),
});

export const anyConversation: fc.Arbitrary<Conversation> = fc.array(turn, { minLength: 1, maxLength: 4 }).map(log);

function log(turns: readonly Turn[]): Conversation {
  const out = rowLog();
  const requests: number[] = [];
  let calls = 0;
  for (const { context, text, steps, end } of turns) {
    out.turn(text, context);
    for (const { thinking, text: said, calls: asked, steering, notice } of steps) {
      requests.push(out.rows.length);
      out.step();
      if (thinking === "signed") out.thinking("hm", `sig${calls}`);
      if (thinking === "redacted") out.redacted(`data${calls}`);
      if (said !== "") out.text(said);
      const named = asked.map((one) => ({ ...one, callId: `toolu_${++calls}` }));
      for (const one of named) out.call(one.callId, "read_file", one.argumentsText);
      if (notice) out.system("notice");
      for (const one of [...named].sort((a, b) => a.rank - b.rank)) {
        out.result(one.callId, one.text, { isError: one.isError });
      }
      if (steering !== "") out.steer(steering);
    }
    requests.push(out.rows.length);
    if (end === "done") out.step().text("Done.");
    else if (end === "failed") out.error("overloaded");
    else out.system("cancelled");
  }
  return { rows: out.rows, requests };
}
