// The work of a city's portal with the rectification of one of its counties
// (arts 11, 15(3), (4), 17), and of its liaison body with what it is assigned (art. 16).
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { all, api, deliveries, done, download, env, headers, ids, items, once, play, province, refused, rectification, sign, submitted } from "./client.js";
import { sha256 } from "./receipt.js";

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

async function theCase() {
  const ours = (await cases()).find((c) => c.county === county);
  assert.ok(ours);
  return ours;
}

// guide guides the county in its plan (art. 15(3)), and directs a body of the city to
// use the results at its own level (art. 15(4)).
async function guide() {
  const path = ids((await theCase()).name, "province", "rectification");
  const { answer, receipt } = await submitted((key) =>
    api.POST("/v1/provinces/{province}/rectifications/{rectification}/cityGuidances", {
      params: { path, header: { "Idempotency-Key": key } },
      body: { guideDate: { year: 2012, month: 11, day: 13 }, content: "请逐项制定措施，明确责任人。", signer: "市委副书记" },
    }));
  assert.equal(answer.authorParty, "PARTY_CITY_COMMITTEE");
  assert.ok(receipt, "a guidance brings a receipt");

  const measure = await once((key) =>
    api.POST("/v1/provinces/{province}/rectifications/{rectification}/cityMeasures", {
      params: { path, header: { "Idempotency-Key": key } },
      body: { body: "市审计局", description: "对惠农补贴开展专项审计。", problemNumbers: [1], dueDate: { year: 2013, month: 3, day: 29 } },
    }));
  assert.equal(measure.state, "STATE_PLANNED");
  const reported = await once((key) =>
    api.POST("/v1/provinces/{province}/rectifications/{rectification}/cityMeasures/{cityMeasure}:report", {
      params: { path: ids(measure.name, "province", "rectification", "cityMeasure"), header: headers(key, measure.etag) },
      body: { state: "STATE_IN_PROGRESS", text: "已印发审计通知。" },
    }));
  assert.equal(reported.updates.length, 1);
}

async function progress() {
  assert.deepEqual((await items((await theCase()).name)).map((i) => i.state), ["STATE_DONE", "STATE_DONE"]);
}

async function judge(item: Awaited<ReturnType<typeof items>>[number], opinion: string) {
  const [proof] = item.evidence;
  assert.ok(proof?.document, "what is called done is proven");
  assert.equal(sha256(await download(proof.document)), proof.sha256);
  const verdict = opinion === "" ? "VERDICT_PASS" : "VERDICT_RETURN";
  const { answer, receipt } = await submitted((key) =>
    api.POST("/v1/provinces/{province}/rectifications/{rectification}/items/{item}:verifyByCity", {
      params: { path: ids(item.name, "province", "rectification", "item"), header: headers(key, item.etag) },
      body: opinion === "" ? { verdict } : { verdict, opinion },
    }));
  assert.equal(answer.state, opinion === "" ? "STATE_CITY_VERIFIED" : "STATE_IN_PROGRESS");
  assert.ok(receipt, "a check brings a receipt");
}

// check reads the evidence of what the county calls done, and returns the second item.
async function check() {
  const [first, second] = await items((await theCase()).name);
  assert.ok(first && second);
  await judge(first, "");
  await judge(second, "请附西村名册。");
}

async function checkAgain() {
  const name = (await theCase()).name;
  for (const item of (await items(name)).filter((i) => i.state === "STATE_DONE")) {
    await judge(item, "");
  }
  assert.deepEqual((await items(name)).map((i) => i.state), ["STATE_CITY_VERIFIED", "STATE_CITY_VERIFIED"]);
}

// task is the liaison body's: it takes what it is assigned, and does it (art. 16).
async function task() {
  const inbox = await all(async (pageToken) => {
    const page = await done(api.GET("/v1/provinces/{province}/liaisonTasks", { params: { path: { province }, query: { pageToken } } }));
    return { items: page.liaisonTasks, next: page.nextPageToken };
  });
  const assigned = inbox.filter((t) => t.state === "STATE_ASSIGNED")[0];
  assert.ok(assigned && inbox.length === 1, `${inbox.length} tasks`);
  const path = ids(assigned.name, "province", "liaisonTask");
  const complete = (key: string, etag: string) => api.POST("/v1/provinces/{province}/liaisonTasks/{liaisonTask}:complete", {
    params: { path, header: headers(key, etag) }, body: { answer: "已汇总四个部门的意见并报送。", signer: "市委巡察联络办主任" },
  });
  const early = await refused(400, complete(randomUUID(), assigned.etag));
  assert.deepEqual([early.reason, early.article], ["LIAISON_TASK_STATE_INVALID", "16"]);
  const accepted = await once((key) =>
    api.POST("/v1/provinces/{province}/liaisonTasks/{liaisonTask}:accept", { params: { path, header: headers(key, assigned.etag) }, body: {} }));
  const { answer, receipt } = await submitted((key) => complete(key, accepted.etag));
  assert.equal(answer.state, "STATE_DONE");
  assert.ok(receipt, "an answer brings a receipt");
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

await play({ early, copy, guide, task, plan, progress, check, checkAgain, report, foreign });
