/**
 * What all tabs know together of the keys: which can be used, and who may send next. While a key is limited nothing goes
 * out with it; when its time has come one request goes first, and the more are accepted the more follow.
 */
import {
  active,
  afterKeyFailure,
  isUsable,
  type KeyState,
  nameOfKey,
  nameOfLimit,
  type Place,
  readStates,
  stateAt,
  usableFrom,
  writeStates,
} from "./key-states";
import type { Failure, KeyConfig } from "./types";

export type KeyRing = {
  /** Of a key as a whole: out of credit, refused. */
  readonly stateOfKey: (key: KeyConfig) => KeyState;
  /** Whether a request may go to this model with this key: that of the key, and the limit that counts for the model. */
  readonly state: (place: Place) => KeyState;
  /** Whose cache and signatures the key shares, once an answer has said it. */
  readonly account: (key: KeyConfig) => string | undefined;
  /**
   * Resolves when a request may go out; with nothing when the signal is aborted or the key can't be used any more: then
   * whoever asks decides anew.
   */
  readonly enter: (place: Place, signal: AbortSignal) => Promise<Pass | undefined>;
  /** The person does not want to wait: the next request goes out at once. */
  readonly tryNow: (place: Place) => void;
  /** Its secret is known to be absent: requests pass over it. @param failure what a request would end with. */
  readonly unset: (key: KeyConfig, failure: Failure) => void;
  /** Keys were set anew, or the person asks for it: all of them, or the one with this id, count as never used. */
  readonly renew: (keyId?: string) => void;
  /** The settings have changed: whoever waits looks again. */
  readonly wake: () => void;
  /** Told when a key can be used again, or the settings have changed. @returns a function that ends it. */
  readonly onChange: (listener: () => void) => () => void;
};

/** For one request. One of `accepted`, `failed` and `done` is called, once; `done` again has no effect. */
export type Pass = {
  /** Whether the key is still what it was when the pass was given. A request that was built meanwhile asks before it goes out. */
  readonly holds: () => boolean;
  /** The server has begun to answer. */
  readonly accepted: (reply: { readonly account?: string; readonly limitedUntil?: number }) => void;
  readonly failed: (failure: Failure) => void;
  /** The request has ended otherwise. */
  readonly done: () => void;
};

export type KeyRingOptions = {
  readonly now: () => number;
  /** Over restarts. `saved`: what `save` was given last. */
  readonly memory?: { readonly saved: string | undefined; readonly save: (text: string) => void };
};

type Entry = {
  state: KeyState;
  strikes: number;
  account?: string;
  /** After a limit: how many requests may be without an answer at a time. */
  ramp?: { size: number; out: number };
  readonly waiting: Set<() => void>;
};

/** A ramp that has grown to this is over. */
const wideRamp = 32;

/** A first request that gets no answer for so long holds the others back no longer. */
const longestQueueMs = 10_000;

/** The headers say when a limit is full again, which nobody needs: an answer that uses it up asks for no more than this. */
const longestPauseMs = 10_000;

export function createKeyRing({ now, memory }: KeyRingOptions): KeyRing {
  const entries = new Map<string, Entry>();
  const listeners = new Set<() => void>();
  for (const [name, state] of readStates(memory?.saved)) entries.set(name, freshEntry(state));

  const entryAt = (name: string): Entry => {
    const entry = entries.get(name) ?? freshEntry(active);
    entries.set(name, entry);
    return entry;
  };
  const entryOf = (key: KeyConfig): Entry => entryAt(nameOfKey(key));
  const limitOf = (place: Place): Entry => entryAt(nameOfLimit(place));
  const stateOfKey = (key: KeyConfig): KeyState => stateAt(entryOf(key).state, now());
  const stateOf = (place: Place): KeyState => {
    const ofKey = stateOfKey(place.key);
    return isUsable(ofKey, place) ? stateAt(limitOf(place).state, now()) : ofKey;
  };
  const save = (): void =>
    memory?.save(writeStates(new Map([...entries].map(([name, entry]) => [name, entry.state])), now()));
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };

  const set = (entry: Entry, state: KeyState): void => {
    if (state === entry.state) return;
    entry.state = state;
    if (state.kind === "limited") entry.ramp = { size: 1, out: 0 };
    release(entry);
    save();
  };

  /** Whoever waits for a model of the key looks again: the key as a whole is another one now. */
  const releaseAll = (key: KeyConfig): void => {
    for (const [name, entry] of entries) if (name.startsWith(nameOfKey(key))) release(entry);
  };

  const isStill = (place: Place, kind: KeyState["kind"]): boolean => kind !== "limited" && stateOf(place).kind === kind;

  const passFor = (place: Place): Pass => {
    const entry = limitOf(place);
    const { kind } = stateOf(place);
    const { ramp } = entry;
    if (ramp !== undefined) ramp.out += 1;
    let isDone = false;
    const done = (): void => {
      if (isDone) return;
      isDone = true;
      if (ramp !== undefined) ramp.out -= 1;
      release(entry);
    };
    return {
      holds: () => isStill(place, kind),
      accepted({ account, limitedUntil }) {
        if (account !== undefined) entryOf(place.key).account = account;
        entry.strikes = 0;
        if (ramp !== undefined && ramp === entry.ramp) {
          ramp.size += 1;
          if (ramp.size > wideRamp) delete entry.ramp;
        }
        const until = Math.min(limitedUntil ?? 0, now() + longestPauseMs);
        if (until > now() && stateAt(entry.state, now()).kind === "active")
          set(entry, { kind: "limited", until, why: "The rate limit of the key is used up for the moment." });
        done();
      },
      failed(failure) {
        const concerned = failure.code === "rate-limit" ? entry : entryOf(place.key);
        const before = stateAt(concerned.state, now());
        const { model } = place;
        set(concerned, afterKeyFailure(before, failure, { now: now(), model, strikes: entry.strikes }));
        if (concerned !== entry) releaseAll(place.key);
        if (failure.code === "rate-limit") entry.strikes += 1;
        done();
      },
      done,
    };
  };

  return {
    stateOfKey,
    state: stateOf,
    account: (key) => entryOf(key).account,
    async enter(place, signal) {
      const entry = limitOf(place);
      const { kind } = stateOf(place);
      for (let isPatient = true; ; isPatient = await turnOf(entry, signal)) {
        if (signal.aborted || !isStill(place, kind)) return undefined;
        const { ramp } = entry;
        if (ramp === undefined || ramp.out < ramp.size || !isPatient) return passFor(place);
      }
    },
    tryNow(place) {
      for (const entry of [entryOf(place.key), limitOf(place)]) {
        if (usableFrom(entry.state) === undefined) continue;
        entry.state = active;
        release(entry);
      }
    },
    unset(key, failure) {
      const entry = entryOf(key);
      set(entry, afterKeyFailure(entry.state, failure, { now: now(), model: "", strikes: 0 }));
    },
    renew(keyId) {
      for (const [name, entry] of entries) {
        if (keyId !== undefined && !name.startsWith(`${keyId}@`)) continue;
        entry.state = active;
        entry.strikes = 0;
        delete entry.account;
        delete entry.ramp;
        release(entry);
      }
      save();
      tell();
    },
    wake: tell,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function freshEntry(state: KeyState): Entry {
  return { state, strikes: 0, waiting: new Set(), ...(state.kind === "limited" ? { ramp: { size: 1, out: 0 } } : {}) };
}

/** Lets those look again who wait for their turn, in the order in which they came. */
function release(entry: Entry): void {
  const waiting = [...entry.waiting];
  entry.waiting.clear();
  for (const go of waiting) go();
}

/** @returns false when it has waited long enough. */
function turnOf(entry: Entry, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isPatient: boolean): void => {
      clearTimeout(timer);
      entry.waiting.delete(go);
      signal.removeEventListener("abort", go);
      resolve(isPatient);
    };
    const go = (): void => end(true);
    const timer = setTimeout(() => end(false), longestQueueMs);
    entry.waiting.add(go);
    signal.addEventListener("abort", go, { once: true });
  });
}
