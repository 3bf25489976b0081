import assert from "node:assert/strict";
import { createKeyRing, type KeyRing, type Pass } from "../../src/models/key-ring";
import type { Failure, KeyConfig } from "../../src/models/types";
import { never } from "./support/run";

const key: KeyConfig = { id: "k1", provider: "anthropic", baseUrl: "https://api.anthropic.com" };
const at = { key, model: "claude-opus-5-5" };
const limited = (retryAfterMs: number): Failure => ({
  code: "rate-limit",
  message: "Limited.",
  act: "retry",
  retryAfterMs,
});

function ringAt(start: number, saved?: string) {
  const clock = { now: start };
  const memory = { text: saved };
  const save = (text: string): void => {
    memory.text = text;
  };
  return { clock, memory, ring: createKeyRing({ now: () => clock.now, memory: { saved, save } }) };
}

async function pass(ring: KeyRing): Promise<Pass> {
  const given = await ring.enter(at, never);
  assert.ok(given !== undefined);
  return given;
}

/** Lets promises that are due settle. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the keys of all tabs", () => {
  it("let nothing out while a key is limited; then one goes first, and the more are accepted the more follow", async () => {
    const { ring, clock } = ringAt(1_000);
    (await pass(ring)).failed(limited(5_000));
    assert.equal(await ring.enter(at, never), undefined);
    assert.deepEqual(ring.state(at), { kind: "limited", until: 6_000, why: "Limited." });

    clock.now = 6_000;
    const out: Pass[] = [];
    for (let tab = 0; tab < 10; tab++) void pass(ring).then((given) => out.push(given));
    const counts: number[] = [];
    for (let round = 0; round < 4; round++) {
      await settle();
      counts.push(out.length);
      for (const given of out.splice(0)) given.accepted({});
    }
    assert.deepEqual(counts, [1, 2, 4, 3]);
  });

  it("take back what was given and not used yet, when the key is limited meanwhile", async () => {
    const { ring, clock } = ringAt(0);
    const [one, other] = [await pass(ring), await pass(ring)];
    assert.equal(other.holds(), true);
    one.failed(limited(1_000));
    assert.equal(other.holds(), false);
    clock.now = 1_000;
    assert.equal((await pass(ring)).holds(), true);
  });

  it("send those who wait away when the first one is limited again", async () => {
    const { ring, clock } = ringAt(0);
    (await pass(ring)).failed(limited(1_000));
    clock.now = 1_000;
    const first = await pass(ring);
    const second = ring.enter(at, never);
    first.failed(limited(1_000));
    assert.equal(await second, undefined);
  });

  it("let the next one go first when the first one fails for another reason, or its turn ends", async () => {
    const { ring, clock } = ringAt(0);
    (await pass(ring)).failed(limited(1_000));
    clock.now = 1_000;
    for (let times = 0; times < 3; times++) {
      const first = await pass(ring);
      const second = pass(ring);
      if (times === 0) first.failed({ code: "overloaded", message: "", act: "retry" });
      else first.done();
      (await second).done();
    }
  });

  it("keep the longest of several limits, and heed an answer that uses the limit up, for a short time", async () => {
    const { ring, clock } = ringAt(0);
    const [one, two, three] = [await pass(ring), await pass(ring), await pass(ring)];
    one.failed(limited(5_000));
    two.failed(limited(2_000));
    three.accepted({});
    assert.deepEqual(ring.state(at), { kind: "limited", until: 5_000, why: "Limited." });
    clock.now = 5_000;
    (await pass(ring)).accepted({ limitedUntil: 65_000 });
    const state = ring.state(at);
    assert.equal(state.kind === "limited" && state.until, 15_000);
  });

  it("remember over a restart what ends at a known time, and nothing that only a person can mend", async () => {
    const one = ringAt(0);
    (await pass(one.ring)).failed(limited(60_000));
    assert.deepEqual(ringAt(1_000, one.memory.text).ring.state(at), {
      kind: "limited",
      until: 60_000,
      why: "Limited.",
    });
    assert.deepEqual(ringAt(60_000, one.memory.text).ring.state(at), { kind: "active" });
    const two = ringAt(0);
    (await pass(two.ring)).failed({ code: "bad-key", message: "Refused.", act: "give-up" });
    assert.equal(two.ring.state(at).kind, "refused");
    assert.deepEqual(ringAt(1, two.memory.text).ring.state(at), { kind: "active" });
    assert.deepEqual(ringAt(1, "broken").ring.state(at), { kind: "active" });
  });

  it("can be used again at once when they are set anew, at another address, or when the person says so", async () => {
    const { ring } = ringAt(0);
    let told = 0;
    ring.onChange(() => {
      told += 1;
    });
    for (const mend of [() => ring.renew("k1"), () => ring.renew(), () => ring.tryNow(at)]) {
      (await pass(ring)).failed(limited(60_000));
      assert.equal(ring.state(at).kind, "limited");
      assert.equal(ring.state({ ...at, key: { ...key, baseUrl: "https://example.org" } }).kind, "active");
      mend();
      assert.equal(ring.state(at).kind, "active");
    }
    assert.equal(told, 2);
  });

  it("are limited for a class of models at Anthropic, as a whole elsewhere; refused and out of credit as a whole", async () => {
    const { ring } = ringAt(0);
    const kindOf = (model: string): string => ring.state({ key, model }).kind;
    (await pass(ring)).failed(limited(60_000));
    assert.deepEqual(["claude-opus-5-5", "claude-opus-5", "claude-sonnet-5-5"].map(kindOf), [
      ...["limited", "limited"],
      "active",
    ]);
    const home: KeyConfig = { id: "home", provider: "openrouter", baseUrl: "https://openrouter.ai/api" };
    (await ring.enter({ key: home, model: "a/b" }, never))?.failed(limited(60_000));
    assert.equal(ring.state({ key: home, model: "c/d" }).kind, "limited");

    const sonnet = { key, model: "claude-sonnet-5-5" };
    const first = await ring.enter(sonnet, never);
    first?.failed(limited(0));
    const [ahead, waiting] = [await ring.enter(sonnet, never), ring.enter(sonnet, never)];
    (await ring.enter({ key, model: "claude-haiku-5-5" }, never))?.failed({
      code: "no-credit",
      message: "",
      act: "give-up",
    });
    assert.equal(await waiting, undefined);
    ahead?.done();
    assert.deepEqual(["claude-opus-5-5", "claude-sonnet-5-5"].map(kindOf), ["exhausted", "exhausted"]);
    assert.equal(ring.stateOfKey(key).kind, "exhausted");
  });

  it("end a wait with the turn that waits", async () => {
    const { ring, clock } = ringAt(0);
    (await pass(ring)).failed(limited(1_000));
    clock.now = 1_000;
    await pass(ring);
    const turn = new AbortController();
    const waiting = ring.enter(at, turn.signal);
    turn.abort();
    assert.equal(await waiting, undefined);
  });
});
