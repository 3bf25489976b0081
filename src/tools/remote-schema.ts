/** Texts that make the editor fetch something by itself as soon as it sees them. Pure; errs towards guarding. */

/** JSON and YAML name a schema so, XML in the other ways. */
const NAMES_SCHEMA = /\$schema|schemaLocation|<\?xml-model|<!(?:DOCTYPE|ENTITY)[^>]*\b(?:SYSTEM|PUBLIC)\b/i;
const ADDRESS = /\bhttps?:[^\s"'<>]+/gi;

/**
 * @returns a sentence for the card when `after` names a schema and has an address that `before` does not: VS Code
 * downloads schemas without a question, and an address can carry what must not leave the machine (CVE-2025-53097).
 */
export function remoteSchema(before: string, after: string): string | undefined {
  const text = decoded(after);
  if (!NAMES_SCHEMA.test(text)) return undefined;
  const known = new Set(addresses(decoded(before)));
  const added = addresses(text).find((address) => !known.has(address));
  return added === undefined
    ? undefined
    : "It names a schema on the network. The editor fetches that by itself, and what stands in the address leaves the machine.";
}

const addresses = (text: string): readonly string[] => [...text.matchAll(ADDRESS)].map(([address]) => address);

/** As JSON reads a string: `\u0024schema`, `http:\/\/`. */
function decoded(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll("\\/", "/");
}
