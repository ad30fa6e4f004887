// What the systems of a city and of a county have in common: the client whose types
// openapi-typescript generates from the document that the edge serves, and how
// answers, refusals and repeats are dealt with.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./xunshi.js";

export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

export const province = "51";

export function env(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

export const api = createClient<paths>({
  baseUrl: env("XUNSHI_EDGE"),
  headers: { Authorization: `Bearer ${env("XUNSHI_TOKEN")}` },
});

type Answer<T> = { data?: T; error?: Schema<"Error">; response: Response };

// done gives what a call answered; a refusal is thrown.
export async function done<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (data === undefined) {
    throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
  }
  return data;
}

export type Refusal = { reason: string; article: string; text: string; missing: string[] };

// refused wants a call to be refused, and gives why and what is missing.
export async function refused<T>(status: number, call: Promise<Answer<T>>): Promise<Refusal> {
  const { error, response } = await call;
  assert.equal(response.status, status, `${response.url}: ${JSON.stringify(error)}`);
  let reason = "", article = "", text = "", missing: string[] = [];
  for (const detail of error?.error.details ?? []) {
    if (detail["@type"] === "type.googleapis.com/google.rpc.ErrorInfo") {
      const info = detail as Schema<"ErrorInfo">;
      reason = info.reason;
      article = info.metadata?.["article"] ?? "";
    }
    if (detail["@type"] === "type.googleapis.com/google.rpc.LocalizedMessage" && "message" in detail) {
      text = String(detail["message"]);
    }
    if (detail["@type"] === "type.googleapis.com/google.rpc.PreconditionFailure" && "violations" in detail) {
      missing = (detail["violations"] as { type: string }[]).map((v) => v.type);
    }
  }
  return { reason, article, text, missing };
}

type Write<T> = (key: string) => Promise<Answer<T>>;

// submitted makes a write and repeats it, as a system does that lost the answer: the
// same key must give the same answer, and the same receipt.
export async function submitted<T>(write: Write<T>): Promise<{ answer: T; receipt: string | null }> {
  const key = randomUUID();
  const [first, again] = [await answered(write(key)), await answered(write(key))];
  assert.deepEqual(again, first);
  return first;
}

async function answered<T>(call: Promise<Answer<T>>) {
  const answer = await done(call);
  return { answer, receipt: (await call).response.headers.get("Xunshi-Receipt") };
}

export async function once<T>(write: Write<T>): Promise<T> {
  return (await submitted(write)).answer;
}

export function headers(key: string, etag: string) {
  return { "Idempotency-Key": key, "If-Match": etag };
}

// ids takes the ids out of a resource name, for the parameters of a path.
export function ids<Key extends string>(name: string, ...keys: Key[]): Record<Key, string> {
  const segments = name.split("/").filter((_, i) => i % 2 === 1);
  return Object.fromEntries(keys.map((key, i) => [key, segments[i] ?? ""])) as Record<Key, string>;
}

// all walks the pages of a list.
export async function all<T>(page: (token: string) => Promise<{ items: readonly T[]; next: string }>): Promise<T[]> {
  const found: T[] = [];
  for (let token = ""; ; ) {
    const { items, next } = await page(token);
    found.push(...items);
    if (next === "") {
      return found;
    }
    token = next;
  }
}

type Delivery = Schema<"xunshi.rectification.v1.Delivery">;

export function deliveries(): Promise<Delivery[]> {
  return all(async (pageToken) => {
    const page = await done(api.GET("/v1/provinces/{province}/deliveries", { params: { path: { province }, query: { pageSize: 2, pageToken } } }));
    return { items: page.deliveries, next: page.nextPageToken };
  });
}

// sign signs for the newest delivery of a kind about the county that has no receipt.
export async function sign(kind: Delivery["kind"], county: string): Promise<Delivery> {
  const open = (await deliveries()).filter((d) => d.kind === kind && d.county === county && d.receiveTime === undefined);
  const delivery = open[0];
  assert.ok(delivery && open.length === 1, `${open.length} deliveries ${kind} to sign for`);
  const signed = await once((key) =>
    api.POST("/v1/provinces/{province}/deliveries/{delivery}:acknowledge", {
      params: { path: ids(delivery.name, "province", "delivery"), header: headers(key, delivery.etag) },
      body: { receiver: "办公室主任" },
    }));
  assert.ok(signed.receiveTime);
  return signed;
}

export function rectification(name: string) {
  return done(api.GET("/v1/provinces/{province}/rectifications/{rectification}", { params: { path: ids(name, "province", "rectification") } }));
}

export function items(name: string) {
  return all(async (pageToken) => {
    const page = await done(api.GET("/v1/provinces/{province}/rectifications/{rectification}/items", {
      params: { path: ids(name, "province", "rectification"), query: { pageToken } },
    }));
    return { items: page.rectificationItems, next: page.nextPageToken };
  });
}

// download gives the bytes of a document of the case.
export async function download(name: string): Promise<Uint8Array> {
  const bytes = await done(api.GET("/v1/provinces/{province}/rectifications/{rectification}/documents/{document}:download", {
    params: { path: ids(name, "province", "rectification", "document") }, parseAs: "arrayBuffer",
  }));
  return new Uint8Array(bytes);
}

// play does the step that the command line names.
export async function play(steps: Record<string, () => Promise<void>>): Promise<void> {
  const name = process.argv[2] ?? "";
  const step = steps[name];
  assert.ok(step, `no step ${name}`);
  await step();
}
