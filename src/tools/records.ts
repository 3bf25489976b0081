/** Cuts a stream of bytes into records. Pure. */

export type Records = {
  /** @returns false once a record was answered with false. */
  readonly push: (bytes: Uint8Array) => boolean;
};

/**
 * @param separator one byte. What stands behind the last one is no record.
 * @param limit a record of more bytes is passed on as undefined, so that memory is bounded.
 * @param onRecord gets each as text, what is not UTF-8 in it replaced. False: no more are wanted.
 */
export function splitRecords(
  separator: number,
  limit: number,
  onRecord: (record: string | undefined) => boolean,
): Records {
  let parts: Uint8Array[] = [];
  let length = 0;
  let isWanted = true;

  function keep(part: Uint8Array): void {
    length += part.length;
    if (length <= limit) parts.push(part);
    else parts = [];
  }

  function take(): string | undefined {
    const record = length > limit ? undefined : decode(parts);
    parts = [];
    length = 0;
    return record;
  }

  return {
    push(bytes) {
      let from = 0;
      for (let at = bytes.indexOf(separator); isWanted && at !== -1; at = bytes.indexOf(separator, from)) {
        keep(bytes.subarray(from, at));
        isWanted = onRecord(take());
        from = at + 1;
      }
      if (isWanted) keep(bytes.subarray(from));
      return isWanted;
    },
  };
}

const whole = new TextDecoder();

function decode(parts: readonly Uint8Array[]): string {
  const [first, ...more] = parts;
  if (first === undefined) return "";
  if (more.length === 0) return whole.decode(first);
  const decoder = new TextDecoder();
  return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
}
