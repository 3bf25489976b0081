/** SHA-256, whole and growing. */
import { createHash } from "node:crypto";

export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/**
 * Hashes the bodies of one conversation. Their leading pieces only grow in number, so each is hashed once,
 * whatever the number of bodies.
 * @returns a function from (all stable pieces, the rest of the body) to the hex digest of the whole.
 */
export function createBodyHasher(): (stable: readonly string[], rest: string) => string {
  const settled = createHash("sha256");
  let hashed = 0;
  return (stable, rest) => {
    for (const piece of stable.slice(hashed)) settled.update(piece, "utf8");
    hashed = stable.length;
    return settled.copy().update(rest, "utf8").digest("hex");
  };
}
