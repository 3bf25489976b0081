/** Which addresses are on this machine or in its own network, and which names stand for such by custom. */
import { BlockList, isIP } from "node:net";

/** IPv4 that is not in the internet. Source: IANA's registry of special-purpose addresses; multicast and reserved ones beside them. */
const NOT_PUBLIC_4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const;

/** Within 2000::/3, the only part of IPv6 that is in the internet. */
const NOT_PUBLIC_6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

const notPublic = new BlockList();
for (const [address, bits] of NOT_PUBLIC_4) notPublic.addSubnet(address, bits, "ipv4");
for (const [address, bits] of NOT_PUBLIC_6) notPublic.addSubnet(address, bits, "ipv6");
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");

const LOCAL_ENDINGS = ["localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa"];

/** @param address an IP address without brackets; what is none counts as private. */
export function isPrivateAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return notPublic.check(address, "ipv4");
    case 6: {
      const within = embedded4(address);
      if (within !== undefined) return isPrivateAddress(within);
      return !global6.check(address, "ipv6") || notPublic.check(address, "ipv6");
    }
    default:
      return true;
  }
}

/**
 * @param host of a parsed URL: lower case, without the final dot, IPv6 in brackets.
 * @returns whether it can be told without asking a name server that the host is in the own network.
 */
export function isPrivateHost(host: string): boolean {
  const address = host.startsWith("[") ? host.slice(1, -1) : host;
  if (isIP(address) !== 0) return isPrivateAddress(address);
  return !host.includes(".") || LOCAL_ENDINGS.some((ending) => host === ending || host.endsWith(`.${ending}`));
}

/** The IPv4 address that an IPv6 one carries: mapped (::ffff:0:0/96), or for a translator (64:ff9b::/96). */
function embedded4(address: string): string | undefined {
  // The URL parser writes every IPv6 address in one form.
  const plain = new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
  const [, high, low] = /^(?:::ffff:|64:ff9b::)(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/.exec(plain) ?? [];
  if (low === undefined) return undefined;
  const [a, b] = [Number.parseInt(high ?? "0", 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join(".");
}
