/** The address that a model gives, taken apart before anything is asked or looked up. */
import { isPrivateHost } from "./addresses";

export type Target = {
  /** As it goes out: without a fragment, the host in ASCII. */
  readonly url: URL;
  /** What a person allows: the host in lower case and ASCII, with a port that is not the scheme's own. */
  readonly host: string;
  /** By its name alone: in the machine's own network. */
  readonly isPrivate: boolean;
};

const MAX_CHARACTERS = 4_000;

/** Takes http and https only. @returns a sentence for the model when the address can't be used. */
export function parseTarget(text: string): Target | { readonly error: string } {
  const trimmed = text.trim();
  if (trimmed.length > MAX_CHARACTERS)
    return { error: `The URL is too long: ${trimmed.length} characters, at most ${MAX_CHARACTERS}.` };
  if (/[\p{Cc}\p{Cf}\p{Z}\\]/u.test(trimmed))
    return { error: "The URL must not contain blanks, backslashes or invisible characters. Encode them with %." };
  if (!URL.canParse(trimmed))
    return { error: "This is not a URL. Give a whole one, such as https://example.com/page." };
  const url = new URL(trimmed);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return { error: `Only http and https URLs can be fetched, not ${url.protocol}` };
  if (url.username !== "" || url.password !== "" || /^[a-z]+:\/*[^/?#]*@/i.test(trimmed))
    return { error: "The URL must not contain a user name or password." };
  url.hash = "";
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.replace(/\.+$/, "");
  if (url.hostname === "" || url.hostname.endsWith(".")) return { error: "The URL has no host." };
  return { url, host: url.host, isPrivate: isPrivateHost(url.hostname) };
}
