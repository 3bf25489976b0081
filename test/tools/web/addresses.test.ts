import assert from "node:assert/strict";
import fc from "fast-check";
import { isPrivateAddress, isPrivateHost } from "../../../src/tools/web/addresses";
import { parseTarget } from "../../../src/tools/web/target";

describe("addresses of the own network", () => {
  it("are told from those of the internet, in every way of writing them", () => {
    const inside = [
      ...["127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
      ...["169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"],
      ...["::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "fec0::1", "64:ff9b:1::1"],
      ...["::ffff:127.0.0.1", "::ffff:a00:1", "64:ff9b::10.0.0.1", "2001:db8::1", "2002:7f00:1::", "2001::1"],
      ...["", "example.com", "1.2.3"], // no addresses at all
    ];
    const outside = [
      ...[
        "1.1.1.1",
        "8.8.8.8",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.0.1",
        "100.128.0.1",
        "192.167.1.1",
        "223.255.255.255",
      ],
      ...["2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
    ];
    assert.deepEqual(
      [inside.filter((address) => !isPrivateAddress(address)), outside.filter(isPrivateAddress)],
      [[], []],
    );
  });

  it("are known by names too, as far as a name alone tells", () => {
    const inside = [
      "localhost",
      "a.localhost",
      "printer",
      "nas.local",
      "api.internal",
      "[::1]",
      "10.0.0.1",
      "x.home.arpa",
    ];
    const outside = [
      "example.com",
      "localhost.example.com",
      "local.host",
      "internal.dev",
      "[2606:4700::1]",
      "xn--e1afmkfd.com",
    ];
    assert.deepEqual([inside.filter((host) => !isPrivateHost(host)), outside.filter(isPrivateHost)], [[], []]);
  });
});

describe("the address that a model gives", () => {
  const parsed = (text: string): readonly unknown[] => {
    const target = parseTarget(text);
    return "error" in target ? ["error"] : [target.url.href, target.host, target.isPrivate];
  };

  it("is brought into the one form that goes out and that a person sees", () => {
    assert.deepEqual(
      [
        "https://Example.COM/a?b#c",
        "https://example.com.:8443/",
        "https://example.com:443/",
        "https://еxample.com/", // the first letter is Cyrillic
        "https://ⓔxample.com/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://[::ffff:7f00:1]/",
        "http://localhost./",
        "http://169.254.169.254/latest/meta-data",
        "http://metadata.google.internal/",
        "https://example.com/%0d%0aX: y",
      ].map(parsed),
      [
        ["https://example.com/a?b", "example.com", false],
        ["https://example.com:8443/", "example.com:8443", false],
        ["https://example.com/", "example.com", false],
        ["https://xn--xample-2of.com/", "xn--xample-2of.com", false],
        ["https://example.com/", "example.com", false],
        ["http://127.0.0.1/", "127.0.0.1", true],
        ["http://127.0.0.1/", "127.0.0.1", true],
        ["http://127.0.0.1/", "127.0.0.1", true],
        ["http://[::ffff:7f00:1]/", "[::ffff:7f00:1]", true],
        ["http://localhost/", "localhost", true],
        ["http://169.254.169.254/latest/meta-data", "169.254.169.254", true],
        ["http://metadata.google.internal/", "metadata.google.internal", true],
        ["error"],
      ],
    );
  });

  it("is refused when it is none, carries a password, or hides something", () => {
    const refused = [
      ...[
        "",
        "example.com",
        "//example.com",
        "ftp://a.example",
        "file:///etc/passwd",
        "data:text/html,x",
        "javascript:1",
      ],
      ...["https://u:p@a.example/", "https://u@a.example/", "https://@a.example/", "https://a.example@evil.example/"],
      ...[
        "https://a.exa\nmple/",
        "https://a.example/\tx",
        "https://a.example\\@evil/",
        "https://a.\u200bexample/",
        "https://a.example/ x",
      ],
      ...["https://", "https://./", "http://1.2.3.4.5/", "http://[::1", `https://a.example/${"x".repeat(4000)}`],
    ];
    assert.deepEqual(
      refused.filter((text) => parsed(text)[0] !== "error"),
      [],
    );
  });

  it("never throws, and what goes out has no credentials, blanks or fragment", () => {
    const piece = fc.constantFrom(
      "https://",
      "http:",
      "//",
      "@",
      ":",
      "/",
      "?",
      "#",
      ".",
      "a",
      "%41",
      "[",
      "]",
      "::1",
      "\\",
      " ",
      "é",
      "\u202e",
      "127",
      "0x7f",
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string())).map((parts) => parts.join("")),
        (text) => {
          const target = parseTarget(text);
          if ("error" in target) return;
          assert.match(target.url.href, /^https?:\/\/[^\s@#/?]+\/[^\s#]*$/);
          assert.equal(target.url.host, target.host);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
