import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

const version = 1;
const keyIdBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;

/** What was sealed was changed since, belongs elsewhere, or was sealed with a key that is gone. */
class UnreadableSeal extends Error {
  override name = "UnreadableSeal";
}

/** Encrypts a text (AES-256-GCM) with the first key; `place` says what it belongs to, and it opens only there. */
export function seal(keys: readonly Uint8Array[], place: string, text: string): Buffer {
  const [key] = keys;
  if (key === undefined) throw new UnreadableSeal("There is no key to seal with.");
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(version), keyId(key), nonce, cipher.getAuthTag(), sealed]);
}

/** Opens with whichever key sealed it. */
export function unseal(keys: readonly Uint8Array[], place: string, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed);
  const id = bytes.subarray(1, 1 + keyIdBytes);
  const key = keys.find((candidate) => keyId(candidate).equals(id));
  if (bytes[0] !== version || key === undefined) {
    throw new UnreadableSeal("The secrets were sealed with another VIASCOPE_SECRET_KEY.");
  }
  const nonceEnd = 1 + keyIdBytes + nonceBytes;
  const nonce = bytes.subarray(1 + keyIdBytes, nonceEnd);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.from(place))
    .setAuthTag(bytes.subarray(nonceEnd, nonceEnd + tagBytes));
  try {
    const text = decipher.update(bytes.subarray(nonceEnd + tagBytes));
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch {
    throw new UnreadableSeal("The secrets were changed since they were sealed.");
  }
}

function keyId(key: Uint8Array): Buffer {
  return createHash("sha256")
    .update("viascope key id")
    .update(key)
    .digest()
    .subarray(0, keyIdBytes);
}
