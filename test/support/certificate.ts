/** A certificate for a server of a test, made when it is needed: signed by its own key, so nobody trusts it by itself. */
import { createSign, generateKeyPairSync } from "node:crypto";

/** @returns key and certificate of a host, as PEM. Valid from 2020 to 2049. */
export function selfSigned(host: string): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(ECDSA_SHA256);
  const name = sequence(set(sequence(COMMON_NAME, element(0x0c, Buffer.from(host)))));
  const validity = sequence(time("200101000000Z"), time("491231235959Z"));
  const altName = sequence(ALT_NAME, element(0x04, sequence(element(0x82, Buffer.from(host)))));
  const body = sequence(
    element(0xa0, integer(2)), // version 3
    integer(1),
    ...[algorithm, name, validity, name],
    publicKey.export({ type: "spki", format: "der" }),
    element(0xa3, sequence(altName)),
  );
  const signature = createSign("sha256").update(body).sign(privateKey);
  const whole = sequence(body, algorithm, element(0x03, Buffer.concat([Buffer.of(0), signature])));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
  };
}

const ECDSA_SHA256 = Buffer.from("06082a8648ce3d040302", "hex");
const COMMON_NAME = Buffer.from("0603550403", "hex");
const ALT_NAME = Buffer.from("0603551d11", "hex");

const sequence = (...parts: readonly Buffer[]): Buffer => element(0x30, ...parts);
const set = (...parts: readonly Buffer[]): Buffer => element(0x31, ...parts);
const time = (text: string): Buffer => element(0x17, Buffer.from(text));
const integer = (value: number): Buffer => element(0x02, Buffer.of(value));

/** One element of DER: its tag, its length, its content. */
function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
