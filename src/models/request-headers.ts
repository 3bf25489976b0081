/** The headers of a request: only those that the profile of the server knows. */
import { profileOf } from "./profiles";
import type { KeyConfig } from "./types";

/**
 * The SDK adds what ANTHROPIC_CUSTOM_HEADERS says, even another credential: meant for one host, it would go to
 * whatever base URL is in use. So what is not known here is dropped.
 * @param secret "" where the server asks for none: then no header carries a key.
 * @param given what the SDK, or nobody, would send.
 */
export function headersFor(key: KeyConfig, secret: string, given?: ConstructorParameters<typeof Headers>[0]): Headers {
  const { auth, apiVersion, sdkHeaders } = profileOf(key);
  const headers = new Headers(given);
  const known = sdkHeaders ? /^(?:accept|content-type|user-agent|x-stainless-.*)$/ : /^(?:accept|content-type)$/;
  for (const name of [...headers.keys()]) if (!known.test(name)) headers.delete(name);
  if (!sdkHeaders) headers.set("user-agent", "Dispatch");
  if (apiVersion !== "none") headers.set("anthropic-version", apiVersion);
  if (secret === "") return headers;
  if (auth === "bearer") headers.set("authorization", `Bearer ${secret}`);
  else headers.set("x-api-key", secret);
  return headers;
}
