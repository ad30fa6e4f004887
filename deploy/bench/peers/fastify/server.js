// The rectification service as one writes it with Fastify and TypeORM: pooled, one
// transaction for a write with a check of the version and a row in the log, two
// statements for a case, keyset pages. The answers say what those of xunshi say.
import "reflect-metadata";
import { randomUUID } from "node:crypto";
import Fastify from "fastify";
import { DataSource, In, MoreThan } from "typeorm";
import { Audit, Item, Obligation, Rectification } from "./tables.js";

const [socket, port, token] = process.argv.slice(2);
const db = await new DataSource({
  type: "postgres", host: socket, port: 5432, username: "peers", database: "rectification", schema: "peers",
  entities: [Rectification, Item, Obligation, Audit], poolSize: 12,
}).initialize();
const app = Fastify();

app.addHook("onRequest", async (request, reply) => {
  if (request.headers.authorization !== `Bearer ${token}`) return reply.code(401).send({ error: "unauthenticated" });
});

const name = (r) => `provinces/${r.province}/rectifications/${r.id}`;

// withDates adds the statutory dates of the cases.
async function withDates(cases) {
  const dates = await db.getRepository(Obligation).find({
    where: { subject: In(cases.map(name)) }, order: { create_time: "ASC" },
  });
  const bySubject = new Map(cases.map((r) => [name(r), []]));
  for (const date of dates) bySubject.get(date.subject).push(date);
  return cases.map((r) => ({ ...r, name: name(r), dates: bySubject.get(name(r)) }));
}

app.get("/rectifications", {
  schema: { querystring: { type: "object", required: ["city", "state"], properties: {
    city: { type: "string" }, state: { type: "string" }, after: { type: "string", format: "uuid" },
    limit: { type: "integer", minimum: 1, maximum: 200, default: 50 } } } },
}, async (request) => {
  const { city, state, after, limit } = request.query;
  const cases = await db.getRepository(Rectification).find({
    where: { city_code: city, state, ...(after && { id: MoreThan(after) }) }, order: { id: "ASC" }, take: limit,
  });
  return { rectifications: await withDates(cases), next: cases.at(-1)?.id };
});

app.get("/rectifications/:id", async (request, reply) => {
  const found = await db.getRepository(Rectification).findOneBy({ id: request.params.id });
  if (!found) return reply.code(404).send({ error: "not found" });
  const [[withItsDates], items] = await Promise.all([
    withDates([found]),
    db.getRepository(Item).find({ where: { rectification_id: found.id }, order: { number: "ASC" } }),
  ]);
  return { ...withItsDates, items };
});

app.post("/items/:id/progress", {
  schema: { body: { type: "object", required: ["state", "percent", "progress", "version", "requestId"], properties: {
    state: { enum: ["OPEN", "IN_PROGRESS", "BASICALLY_DONE", "DONE"] }, percent: { type: "integer", minimum: 0, maximum: 100 },
    progress: { type: "string", maxLength: 20000 }, version: { type: "string" }, requestId: { type: "string", format: "uuid" } } } },
}, async (request, reply) => {
  const { state, percent, progress, version, requestId } = request.body;
  const { id } = request.params;
  const saved = await db.transaction(async (tx) => {
    const item = await tx.findOneBy(Item, { id });
    const of = item && (await tx.findOneBy(Rectification, { id: item.rectification_id }));
    if (of?.state !== "RECTIFYING") return null;
    const next = { state, percent, progress, version: String(Number(version) + 1), update_time: new Date() };
    const { affected } = await tx.update(Item, { id, version }, next);
    if (affected !== 1) return null;
    await tx.insert(Audit, { id: randomUUID(), subject: "county", method: "progress", object: id, request_id: requestId });
    return { ...item, ...next };
  });
  return saved ?? reply.code(409).send({ error: "changed meanwhile" });
});

await app.listen({ host: "127.0.0.1", port: Number(port) });
