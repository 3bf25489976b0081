import { createSender, failureOf, type SenderOptions } from "../../../src/models/send";
import type { Failure, ModelChoice, Reply, WireEvent } from "../../../src/models/types";

export const secret = `sk-ant-api03-${"s3cr3t".repeat(12)}`;
export const never = new AbortController().signal;

export type Outcome = { readonly events: readonly string[]; readonly failure?: Failure };

/** Sends and reads to the end; both kinds of failure come out the same way. */
export async function run(
  choice: ModelChoice,
  options: Partial<SenderOptions> = {},
  signal = never,
  body = "{}",
): Promise<Outcome> {
  const reply = await createSender({ secret: async () => secret, ...options })(body, choice, signal);
  return read(reply);
}

export async function read(reply: Reply, onEvent: (event: WireEvent) => void = () => {}): Promise<Outcome> {
  if (!reply.ok) return { events: [], failure: reply.failure };
  const events: string[] = [];
  try {
    for await (const item of reply.events) {
      events.push(item.type);
      onEvent(item);
    }
  } catch (error) {
    return { events, failure: failureOf(error) };
  }
  return { events };
}
