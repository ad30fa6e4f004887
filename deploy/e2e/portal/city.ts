// The work of a city's portal with the rectification of one of its counties
// (arts 11, 15(3), 17).
import assert from "node:assert/strict";
import { all, api, deliveries, done, env, ids, items, play, province, refused, rectification, sign } from "./client.js";

const county = env("XUNSHI_COUNTY");

function cases() {
  return all(async (pageToken) => {
    const page = await done(api.GET("/v1/provinces/{province}/rectifications", { params: { path: { province }, query: { pageToken } } }));
    return { items: page.rectifications, next: page.nextPageToken };
  });
}

// early: what the county has received the city has not, until its copy (art. 11).
async function early() {
  assert.deepEqual((await cases()).filter((c) => c.county === county), []);
  assert.deepEqual((await deliveries()).filter((d) => d.county === county), []);
}

async function copy() {
  const signed = await sign("KIND_FEEDBACK_COPY", county);
  assert.equal(signed.feedback?.problems.length, 2);
  const seen = await rectification(signed.rectification);
  assert.equal(seen.county, county);
  assert.ok((await cases()).some((c) => c.name === seen.name));
  // The plan itself is the county's; the city gets a copy (art. 17).
  const { reason } = await refused(403, api.GET("/v1/provinces/{province}/rectifications/{rectification}/plan", { params: { path: ids(seen.name, "province", "rectification") } }));
  assert.equal(reason, "METHOD_NOT_GRANTED");
}

async function plan() {
  const signed = await sign("KIND_PLAN_COPY", county);
  assert.ok(signed.plan && signed.plan.measures.length === 2);
}

async function progress() {
  const ours = (await cases()).find((c) => c.county === county);
  assert.ok(ours);
  assert.deepEqual((await items(ours.name)).map((i) => i.state), ["STATE_DONE", "STATE_DONE"]);
}

async function report() {
  const signed = await sign("KIND_REPORT_COPY", county);
  assert.equal(signed.report?.accounts.length, 2);
}

// foreign: the case of another city's county is as one that never was.
async function foreign() {
  const { reason } = await refused(404, api.GET("/v1/provinces/{province}/rectifications/{rectification}", { params: { path: ids(env("XUNSHI_FOREIGN"), "province", "rectification") } }));
  assert.equal(reason, "NOT_FOUND");
}

await play({ early, copy, plan, progress, report, foreign });
