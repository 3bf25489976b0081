/** A client that shows everything: raw HTTP, no parsing that forgives. For the tests of the simulator itself. */
import { request } from "node:http";
import { type Fields, isFields, textOf } from "./types";

export type RawAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** What came before the end or the break, chunk by chunk. */
  readonly chunks: readonly Buffer[];
  /** `end`: the body ended as it should; `reset`: the connection broke; `timeout`: nothing more came. */
  readonly ending: "end" | "reset" | "timeout";
};

export type RawOptions = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gives up after so many milliseconds without a byte. */
  readonly quietMs?: number;
};

export const goodHeaders = {
  authorization: "Bearer key",
  "anthropic-version": "2026-10-21",
  "content-type": "application/json",
} as const;

/** Sends the body as it is: text, bytes, or fields that are written as JSON. */
export function send(
  url: string,
  body: string | Buffer | Fields | undefined,
  options: RawOptions = {},
): Promise<RawAnswer> {
  const bytes = body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let answer: Pick<RawAnswer, "status" | "headers"> = { status: 0, headers: {} };
    const finish = (ending: RawAnswer["ending"]) =>
      resolve({ ...answer, body: Buffer.concat(chunks).toString("utf8"), chunks, ending });
    const outgoing = request(
      `${url}${options.path ?? "/v1/messages"}`,
      { method: options.method ?? "POST", headers: options.headers ?? goodHeaders, agent: false },
      (incoming) => {
        answer = { status: incoming.statusCode ?? 0, headers: incoming.headers };
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => finish("end"));
        incoming.on("error", () => finish("reset"));
        incoming.on("aborted", () => finish("reset"));
      },
    );
    outgoing.on("error", () => finish("reset"));
    if (options.quietMs !== undefined) {
      outgoing.setTimeout(options.quietMs, () => {
        finish("timeout");
        outgoing.destroy();
      });
    }
    outgoing.end(bytes);
  });
}

/** The records of an event stream; throws on anything that is not one. */
export function eventsIn(body: string): readonly Fields[] {
  const records = body.split(/\r?\n\r?\n/);
  if (records.pop() !== "") throw new Error("the last record is not ended");
  return records.map((record) => {
    const match = /^event: (\S+)\r?\ndata: (.*)$/.exec(record);
    const data: unknown = JSON.parse(match?.[2] ?? "null");
    if (!isFields(data) || data.type !== match?.[1]) throw new Error(`not a record: ${record}`);
    return data;
  });
}

/** `status type: message` of an error answer, to be compared as one line. */
export function errorLine(answer: RawAnswer): string {
  const body: unknown = JSON.parse(answer.body);
  const error = isFields(body) && isFields(body.error) ? body.error : {};
  return `${answer.status} ${textOf(error.type)}: ${textOf(error.message)}`;
}
