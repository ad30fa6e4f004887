// What a county does with a receipt by itself: it verifies it with the public key of
// the audit log and any library that knows JWS (RFC 7515, EdDSA), here node:crypto.
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";

export type Statement = {
  log: string;
  name: string;
  jurisdiction: string;
  method: string;
  object: string;
  contentSha256: string;
  stopped: { duty: string; article: string; dueDate: string; metDate: string; late: boolean }[];
};

// verified gives what a receipt says; one that does not hold is thrown. The key is
// written as that of a signed note: origin, hash and key, joined by +.
export function verified(receipt: string, key: string): Statement {
  const [, origin, encoded] = /^([^+]+)\+[0-9a-f]{8}\+(.+)$/.exec(key) ?? [];
  assert.ok(origin && encoded, "not a public key");
  const bytes = Buffer.from(encoded, "base64");
  assert.equal(bytes[0], 1, "not a key of Ed25519");
  const publicKey = createPublicKey({ format: "jwk", key: { kty: "OKP", crv: "Ed25519", x: bytes.subarray(1).toString("base64url") } });

  const [header, payload, signature, ...more] = receipt.split(".");
  assert.ok(header && payload && signature && more.length === 0, "not a JWS in compact form");
  assert.equal(Buffer.from(signature, "base64url").toString("base64url"), signature, "a signature in another form");
  assert.ok(verify(null, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, "base64url")), "not signed by the log");
  const { alg, kid, typ } = decoded(header);
  assert.deepEqual({ alg, kid, typ }, { alg: "EdDSA", kid: origin, typ: "xunshi-receipt+jws" });
  return decoded(payload) as unknown as Statement;
}

function decoded(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString());
}

// tampered gives the receipt once for each of its bytes, with another one there.
export function* tampered(receipt: string): Generator<string> {
  const bytes = Buffer.from(receipt);
  for (let i = 0; i < bytes.length; i++) {
    const other = Buffer.from(bytes);
    other.writeUInt8(other.readUInt8(i) ^ 1, i);
    yield other.toString();
  }
}

// contentHash is that of a flat request: in canonical form (RFC 8785) its members are
// sorted, and texts and truths stand as JSON.stringify writes them.
export function contentHash(request: Record<string, string | boolean>): string {
  return sha256(JSON.stringify(Object.fromEntries(Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1)))));
}

export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
