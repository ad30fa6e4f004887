// The work of a county's system, from the receipt of the feedback to the report
// (arts 11, 17).
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { all, api, done, env, headers, ids, items, once, play, province, rectification, refused, sign, type Schema } from "./client.js";

const county = env("XUNSHI_COUNTY");

type Measure = Schema<"xunshi.rectification.v1.Measure">;

async function ourCase() {
  const page = await done(api.GET("/v1/provinces/{province}/rectifications", { params: { path: { province } } }));
  const ours = page.rectifications[0];
  assert.ok(ours && page.rectifications.length === 1, "a county sees its own case and no other");
  assert.equal(ours.county, county);
  return ours;
}

async function receive() {
  const signed = await sign("KIND_FEEDBACK", county);
  assert.deepEqual(signed.feedback?.problems.map((p) => p.number), [1, 2]);
  const opened = await rectification(signed.rectification);
  assert.equal(opened.state, "STATE_PLANNING");
  assert.equal(opened.planDue?.article, "17");
  assert.deepEqual(opened.planDue?.date, { year: 2012, month: 12, day: 25 });

  const owed = await obligations("STATE_OPEN");
  const plan = owed.find((o) => o.duty === "DUTY_RECTIFICATION_PLAN");
  assert.ok(plan);
  const why = await done(api.GET("/v1/provinces/{province}/obligations/{obligation}:explain", { params: { path: ids(plan.name, "province", "obligation") } }));
  assert.ok(why, "the date can be explained");
}

function obligations(state: string) {
  return all(async (pageToken) => {
    const page = await done(api.GET("/v1/provinces/{province}/obligations", { params: { path: { province }, query: { filter: `state = ${state}`, pageToken } } }));
    return { items: page.obligations, next: page.nextPageToken };
  });
}

function measure(number: number, description: string): Measure {
  return { number, problemNumbers: [number], description, owner: "副县长", dueDate: { year: 2013, month: 5, day: 31 } };
}

async function planPath() {
  return ids((await ourCase()).name, "province", "rectification");
}

async function getPlan() {
  return done(api.GET("/v1/provinces/{province}/rectifications/{rectification}/plan", { params: { path: await planPath() } }));
}

async function writePlan(measures: Measure[]) {
  const path = await planPath();
  const { etag } = await getPlan();
  return once((key) => api.PATCH("/v1/provinces/{province}/rectifications/{rectification}/plan", { params: { path, header: headers(key, etag) }, body: { measures } }));
}

async function submitPlan(version: number) {
  const path = await planPath();
  const { etag } = await getPlan();
  const submitted = await once((key) =>
    api.POST("/v1/provinces/{province}/rectifications/{rectification}/plan:submit", { params: { path, header: headers(key, etag) }, body: { signer: "县委书记" } }));
  assert.equal(submitted.state, "SUBMISSION_STATE_SUBMITTED");
  assert.equal(submitted.version, version);
}

async function plan() {
  const half = await writePlan([measure(1, "补发补贴并公开发放名册。")]);
  const path = await planPath();
  const { reason, article, text } = await refused(400, api.POST("/v1/provinces/{province}/rectifications/{rectification}/plan:submit", {
    params: { path, header: headers(randomUUID(), half.etag) }, body: { signer: "县委书记" },
  }));
  assert.deepEqual({ reason, article }, { reason: "PLAN_INCOMPLETE", article: "17" });
  assert.match(text, /2/, "the text names the problem that is not covered");

  await writePlan([measure(1, "补发补贴并公开发放名册。"), measure(2, "清理选任程序并培训干部。")]);
  const { reason: stale } = await refused(412, api.POST("/v1/provinces/{province}/rectifications/{rectification}/plan:submit", {
    params: { path, header: headers(randomUUID(), half.etag) }, body: { signer: "县委书记" },
  }));
  assert.equal(stale, "ETAG_MISMATCH");
  await submitPlan(1);
  assert.equal((await ourCase()).reportDue?.article, "17");
}

// revise answers the return of the plan.
async function revise() {
  const returned = await getPlan();
  assert.equal(returned.state, "SUBMISSION_STATE_RETURNED");
  assert.equal(returned.reviewOpinion, "第二项措施须明确时限。");
  const before = (await ourCase()).reportDue?.date;
  await writePlan([measure(1, "补发补贴并公开发放名册。"), measure(2, "五月底前清理选任程序并培训干部。")]);
  await submitPlan(2);
  assert.deepEqual((await ourCase()).reportDue?.date, before, "the first complete submission counts");
}

async function progress() {
  const { name, state } = await ourCase();
  assert.equal(state, "STATE_RECTIFYING");
  for (const state of ["STATE_IN_PROGRESS", "STATE_DONE"] as const) {
    for (const item of await items(name)) {
      const reported = await once((key) =>
        api.POST("/v1/provinces/{province}/rectifications/{rectification}/items/{item}:reportProgress", {
          params: { path: ids(item.name, "province", "rectification", "item"), header: headers(key, item.etag) },
          body: { state, percent: state === "STATE_DONE" ? 100 : 60, progress: "已按措施办理。" },
        }));
      assert.equal(reported.state, state);
    }
  }
}

async function report() {
  const { name } = await ourCase();
  const path = ids(name, "province", "rectification");
  const draft = await done(api.GET("/v1/provinces/{province}/rectifications/{rectification}/report", { params: { path } }));
  const accounts = (await items(name)).map((item) => ({ number: item.measure?.number ?? 0, state: "STATE_DONE" as const, evidence: "名册、会议纪要。" }));
  const written = await once((key) =>
    api.PATCH("/v1/provinces/{province}/rectifications/{rectification}/report", { params: { path, header: headers(key, draft.etag) }, body: { accounts } }));
  const submitted = await once((key) =>
    api.POST("/v1/provinces/{province}/rectifications/{rectification}/report:submit", { params: { path, header: headers(key, written.etag) }, body: { signer: "县委书记" } }));
  assert.equal(submitted.state, "SUBMISSION_STATE_SUBMITTED");
}

async function closed() {
  assert.equal((await ourCase()).state, "STATE_CLOSED");
  assert.deepEqual((await obligations("STATE_OPEN")).filter((o) => o.duty === "DUTY_RECTIFICATION_PLAN" || o.duty === "DUTY_RECTIFICATION_REPORT"), []);
}

await play({ receive, plan, revise, progress, report, closed });
