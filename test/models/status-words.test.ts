import assert from "node:assert/strict";
import { readAgainMs, statusWords } from "../../src/host/status-words";

describe("the status bar", () => {
  const nothing = { usd: 0, unpriced: [], tokens: 0 };

  it("says what waits, what runs and what was spent, and nothing when there is nothing to say", () => {
    assert.equal(statusWords({ running: 0, needApproval: 0 }, nothing), undefined);
    assert.deepEqual(statusWords({ running: 2, needApproval: 1 }, { usd: 1.234, unpriced: [], tokens: 50_000 }), {
      text: "$(comment-discussion) $(bell-dot) 1 $(sync~spin) 2 $1.23",
      label: "Dispatch: 1 chat waits for your answer, 2 chats are running, $1.23 today",
      isWaiting: true,
    });
  });

  it("shows tokens where nothing has a price, and says what the sum leaves out", () => {
    const idle = { running: 0, needApproval: 0 };
    assert.deepEqual(statusWords(idle, { usd: 0, unpriced: ["qwen3"], tokens: 48_400 }), {
      text: "$(comment-discussion) 48k tokens",
      label: "Dispatch: 48k tokens today",
      isWaiting: false,
    });
    assert.deepEqual(statusWords(idle, { usd: 0.05, unpriced: ["qwen3"], tokens: 48_400 }), {
      text: "$(comment-discussion) $0.050+",
      label: "Dispatch: $0.050+ today (and what has no known price: qwen3)",
      isWaiting: false,
    });
  });

  it("reads again what was spent while chats run, and at midnight, when it is another day", () => {
    const at = (...time: [number, number, number]) => new Date(2026, 10, 22, ...time).getTime();
    assert.deepEqual(
      [
        readAgainMs(1, at(12, 0, 0)),
        readAgainMs(0, at(12, 0, 0)),
        readAgainMs(0, at(23, 59, 50)),
        readAgainMs(0, at(0, 0, 0)),
      ],
      [15_000, 30 * 60_000, 10_000, 30 * 60_000],
    );
  });
});
