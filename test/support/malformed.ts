/** What a view would never send: made from the protocol's own messages, so that it is nearly right. */
import fc from "fast-check";
import { parseFromView } from "../../src/chunks/protocol-check";
import { examples } from "./messages";

const deep = (levels: number): unknown => {
  let value: unknown = "end";
  for (let n = 0; n < levels; n++) value = n % 2 === 0 ? [value] : { tab: value };
  return value;
};

/** A little over what a message may hold. */
const HUGE = "x".repeat(1_000_001);

const wrongValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.nat(30).map((n) => (n === 0 ? HUGE : n)),
  fc.constantFrom<unknown>(null, undefined, Number.NaN, -1, 1.5, Number.MAX_VALUE, 10n, true, "", "\u0000", "\ud800"),
  fc.constantFrom<unknown>("../../etc/passwd", "'; DROP TABLE chunks; --", "__proto__", "constructor", "x".repeat(201)),
  fc.constant(deep(1_000)),
  fc.constant(JSON.parse('{"__proto__": {"tab": "t", "kind": "allow_once"}}')),
  fc.anything({ withBigInt: true, withNullPrototype: true, withTypedArray: true, maxDepth: 3 }),
);

const isWrong = (value: unknown): boolean => "error" in parseFromView(value);
const anyExample = fc.constantFrom(...examples);

/** No message at all, or one with something wrong in it: its type, a field, a field of a field, where it has it from. */
export const malformed = (tab: string): fc.Arbitrary<unknown> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(anyExample, fc.nat(), wrongValue)
        .map(([message, which, value]): unknown => {
          const names = Object.keys(message);
          return { ...message, tab, [names[which % names.length] ?? "type"]: value };
        })
        .filter(isWrong),
    },
    { weight: 1, arbitrary: anyExample.map((message): unknown => Object.create({ ...message, tab })) },
    { weight: 2, arbitrary: wrongValue.filter(isWrong) },
  );

/** A message of the right shape that belongs nowhere: of a tab, a call or a question that is not there, or not any more. */
export function harmless(known: { readonly tab: string; readonly used: string }): fc.Arbitrary<unknown> {
  const { tab, used } = known;
  const elsewhere = anyExample
    .filter((message) => "tab" in message)
    .chain((message) => fc.constantFrom("nosuch", "T", "0", `${tab} `).map((other) => ({ ...message, tab: other })));
  const replayed = fc
    .constantFrom<unknown>({ kind: "allow_once" }, { kind: "allow_tab" }, { kind: "deny", reason: "x" })
    .chain((answer) =>
      fc.constantFrom(used, "a".repeat(64), "nosuch").map((id) => ({ type: "decide", tab, id, answer })),
    );
  const ofNoCall = fc.constantFrom(
    ...["background", "waitForCommand", "openDiff", "openOutput", "openTerminal"].map((type) => ({
      type,
      tab,
      callId: "nosuch",
    })),
    ...["stopJob", "openJob", "queueRemove"].map((type) => ({ type, tab, id: "nosuch" })),
  );
  return fc.oneof<fc.Arbitrary<unknown>[]>(elsewhere, replayed, ofNoCall);
}
