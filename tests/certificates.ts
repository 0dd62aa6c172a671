import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";

/** A key with the certificate that says whose it is. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface TestCertificateOptions {
  readonly commonName: string;
  /** Host names it is for. */
  readonly names: readonly string[];
  readonly begins: Date;
  readonly ends: Date;
}

/** Makes a certificate that its own key signed. */
export function selfSigned(options: TestCertificateOptions): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const content = toBeSigned(options, publicKey);
  const signature = sign("sha256", content, privateKey);
  const certificate = sequence(content, ecdsaWithSha256, tagged(0x03, bytes(0), signature));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function toBeSigned(options: TestCertificateOptions, publicKey: KeyObject): Buffer {
  const key = publicKey.export({ type: "spki", format: "der" });
  const serial = createHash("sha256").update(key).digest().subarray(0, 8);
  const name = nameOf(options.commonName);
  return sequence(
    tagged(0xa0, tagged(0x02, bytes(2))),
    tagged(0x02, bytes(1), serial),
    ecdsaWithSha256,
    name,
    sequence(time(options.begins), time(options.ends)),
    name,
    key,
    tagged(0xa3, sequence(alternativeNames(options.names))),
  );
}

function alternativeNames(names: readonly string[]): Buffer {
  const listed = sequence(...names.map((name) => tagged(0x82, Buffer.from(name))));
  return sequence(identifier("551d11"), tagged(0x04, listed));
}

function nameOf(commonName: string): Buffer {
  const attribute = sequence(identifier("550403"), tagged(0x0c, Buffer.from(commonName)));
  return sequence(tagged(0x31, attribute));
}

/** GeneralizedTime, to the second. */
function time(date: Date): Buffer {
  return tagged(0x18, Buffer.from(`${date.toISOString().slice(0, 19).replaceAll(/[-T:]/g, "")}Z`));
}

function identifier(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

/** One value of DER: its kind, its length, its content. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 128
      ? bytes(length)
      : length < 256
        ? bytes(0x81, length)
        : bytes(0x82, length >> 8, length & 0xff);
  return Buffer.concat([bytes(tag), size, content]);
}

function bytes(...values: readonly number[]): Buffer {
  return Buffer.from(values);
}

const ecdsaWithSha256 = sequence(identifier("2a8648ce3d040302"));
