/**
 * What the earlier requests of a tab mean for the next one, when it asks another model or key than the last.
 * Which thinking can it read? Thinking is signed by the model and for the account that made it, together
 * with the thinking before it: what another one made is left out of the request, and stays in the log. What was decided
 * for a request is in its record and holds for ever, so that going back to a choice gives that choice's bytes again.
 */
import type { Row } from "../chunks/rows";
import type { RequestRecord } from "../store/types";
import { isWithin, type SeqRange } from "../wire/assemble";

export type Reader = {
  readonly keyId: string;
  readonly model: string;
  /** Absent while no answer has said it. */
  readonly account: string | undefined;
};

/** @returns the runs of rows whose thinking is left out for this reader, in order. */
export function unreadableThinking(
  rows: readonly Row[],
  requests: readonly RequestRecord[],
  reader: Reader,
): readonly SeqRange[] {
  const previous = requests.findLast((request) => isBy(request, reader));
  const makers = new Map<string, RequestRecord>();
  for (const request of requests) if (request.outcome !== "error") makers.set(placeOf(request), request);
  let left: readonly SeqRange[] = [];
  let isRun = false;
  for (const row of rows) {
    if (row.type !== "thinking") continue;
    const isKnown = previous !== undefined && row.seq <= previous.lastSeq;
    const isRead = isKnown
      ? !isWithin(previous.options?.withoutThinking ?? [], row.seq)
      : reads(reader, makers.get(placeOf(row)), previous, left);
    if (!isRead)
      left = isRun ? [...left.slice(0, -1), [left.at(-1)?.[0] ?? row.seq, row.seq]] : [...left, [row.seq, row.seq]];
    isRun = !isRead;
  }
  return left;
}

/**
 * @returns the last row of the last request that this reader has in its cache, where others were asked since; else the
 *   usual marks find it.
 */
export function cachedBefore(
  requests: readonly RequestRecord[],
  { keyId, model, account }: Reader,
  head: string,
): number | undefined {
  const isMine = (request: RequestRecord): boolean =>
    request.model === model && (request.keyId === keyId || (account !== undefined && request.account === account));
  const at = requests.findLastIndex((one) => isMine(one) && one.head === head && one.inputTokens !== undefined);
  const last = requests[at];
  if (last === undefined) return undefined;
  const isFarBack = requests.slice(at + 1).some((one) => !isMine(one) && one.lastSeq > last.lastSeq);
  return isFarBack ? last.lastSeq : undefined;
}

/** All thinking of these rows, for a server that has refused it. */
export function allThinking(rows: readonly Row[]): readonly SeqRange[] {
  const seqs = rows.flatMap((row) => (row.type === "thinking" ? [row.seq] : []));
  const [first] = seqs;
  return first === undefined ? [] : [[first, seqs.at(-1) ?? first]];
}

/** A hole in the chain of signatures would be refused: its maker must have left out what the reader leaves out. */
function reads(
  reader: Reader,
  maker: RequestRecord | undefined,
  previous: RequestRecord | undefined,
  left: readonly SeqRange[],
): boolean {
  if (maker?.model !== reader.model) return false;
  if (maker.id === previous?.id) return true;
  const isSameAccount = maker.account !== undefined && maker.account === reader.account;
  return isSameAccount && JSON.stringify(maker.options?.withoutThinking ?? []) === JSON.stringify(left);
}

function isBy(request: RequestRecord, { keyId, model, account }: Reader): boolean {
  const isSameAccount = request.account === undefined || account === undefined || request.account === account;
  return request.keyId === keyId && request.model === model && isSameAccount;
}

function placeOf({ turnId, step }: { readonly turnId: string; readonly step: number }): string {
  return `${turnId} ${step}`;
}
