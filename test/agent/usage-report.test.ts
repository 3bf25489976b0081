/** The documents of *Show Usage* and *Show Cache Timeline*, word for word. */
import assert from "node:assert/strict";
import type { UsageLine } from "../../src/agent/session-usage";
import type { StepUsage } from "../../src/chunks/protocol";
import { cacheTimeline, usageReport } from "../../src/host/usage-report";

const line = (change: Partial<UsageLine>, usd: number, unpriced: readonly string[] = []): UsageLine => ({
  tabId: "a",
  title: "Fix it",
  day: "2026-11-22",
  keyId: "work",
  provider: "anthropic",
  model: "claude-sonnet-5-5",
  requests: 2,
  usage: { fresh: 10, read: 2_000, written: 300, output: 40 },
  cost: { usd, unpriced },
  ...change,
});

describe("the usage report", () => {
  it("adds up by day, model, key and chat, the dearest first, and names what has no price", () => {
    const report = usageReport(
      [
        line({}, 0.5),
        line({ day: "2026-11-20", tabId: "b", title: "A | B <b>", searches: 12 }, 1.25),
        line({ tabId: "c", title: "", keyId: "box", model: "qwen", provider: "ollama" }, 0, ["qwen"]),
      ],
      "2026-11-22",
    );
    const rest = "| 2 | 2,310 | 2,000 | 300 | 10 | 40 |";
    const head = (name: string) =>
      `| ${name} | Requests | Input | from the cache | into the cache | fresh | Output | Cost |\n|---|---:|---:|---:|---:|---:|---:|---:|`;
    assert.equal(
      report,
      `# Usage

All chats of this workspace, closed and deleted ones too. *Input* is all that a model has read: from the cache, into it, and beside it (*fresh*).

${head("")}
| Today | 4 | 4,620 | 4,000 | 600 | 20 | 80 | $0.50 + ? |
| **All** | 6 | 6,930 | 6,000 | 900 | 30 | 120 | $1.75 + ? |

## By day

${head("Day")}
| 2026-11-22 | 4 | 4,620 | 4,000 | 600 | 20 | 80 | $0.50 + ? |
| 2026-11-20 ${rest} $1.25 |

## By model

${head("Model")}
| claude-sonnet-5-5 | 4 | 4,620 | 4,000 | 600 | 20 | 80 | $1.75 |
| qwen ${rest} ? |

## By key

${head("Key")}
| work | 4 | 4,620 | 4,000 | 600 | 20 | 80 | $1.75 |
| box ${rest} ? |

## By chat

${head("Chat")}
| A &#124; B &#60;b&#62; ${rest} $1.25 |
| Fix it ${rest} $0.50 |
| *deleted chats* ${rest} ? |

Prices are those of 2026-11-22, or what \`dispatch.prices\` says. They are for orientation: the bill is the provider's. Of the cost, $0.12 are for 12 web searches. The price of qwen is not known: **+ ?** stands where such tokens are not in the sum. It can be set in \`dispatch.prices\`.
`,
    );
  });

  it("stays short over the years: older days and cheaper chats are one line each", () => {
    const years = Array.from({ length: 400 }, (_, i) =>
      line(
        { day: `20${20 + Math.floor(i / 300)}-01-${String(i).padStart(3, "0")}`, tabId: `t${i}`, title: `Chat ${i}` },
        i,
      ),
    );
    const report = usageReport(years, "2026-11-22");
    assert.match(report, /\| before \(370 days\) \| 740 \|/);
    assert.match(report, /\| 370 others \| 740 \|/);
    assert.ok(report.split("\n").length < 110);
  });

  it("says that there is nothing yet", () => {
    assert.equal(usageReport([], "2026-11-22"), "# Usage\n\nNothing has been used yet in this workspace.\n");
  });
});

describe("the cache timeline", () => {
  it("has a line for each request, with what should have been read and why it was not", () => {
    const at = new Date(2026, 10, 22, 9, 5, 7).getTime();
    const step: StepUsage = {
      turnId: "u1",
      step: 1,
      attempt: 1,
      startedAt: at,
      key: "work",
      model: "claude-sonnet-5-5",
      outcome: "ok",
      usage: { fresh: 1, read: 0, written: 20_000, output: 30 },
      cost: 0.0503,
    };
    const { usage: _, cost: __, ...refused } = step;
    const steps: readonly StepUsage[] = [
      step,
      { ...refused, step: 2, outcome: "error" },
      {
        ...step,
        turnId: "u2",
        attempt: 2,
        expectedRead: 20_000,
        missed: "Cache missed: 7 min since it was last used; it lasts 5.",
      },
    ];
    assert.equal(
      cacheTimeline("Fix [it]", steps),
      `# Cache timeline

Fix &#91;it&#93;

3 requests; the cache was missed once. *Expected* is what the last request with the same model and account had read and written: all of it should be read again.

| Time | Turn.Step | Model | Key | Read | Expected | Written | Fresh | Answer | Cost | |
|---|---|---|---|---:|---:|---:|---:|---:|---:|---|
| 2026-11-22 09:05:07 | 1.1 | claude-sonnet-5-5 | work | 0 | – | 20,000 | 1 | 30 | $0.050 |  |
| 2026-11-22 09:05:07 | 1.2 | claude-sonnet-5-5 | work | – | – | – | – | – | – | Failed.  |
| 2026-11-22 09:05:07 | 2.1 (try 2) | claude-sonnet-5-5 | work | 0 | 20,000 | 20,000 | 1 | 30 | $0.050 | Cache missed&#58; 7 min since it was last used; it lasts 5. |
`,
    );
    assert.equal(cacheTimeline("New chat", []), "# Cache timeline\n\nNew chat\n\nNo request has been sent yet.\n");
  });
});
