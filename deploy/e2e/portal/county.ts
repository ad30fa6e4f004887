// The work of a county's system, from a notice on site to the report (arts 9, 11, 17).
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { all, api, done, download, env, headers, ids, items, once, play, province, rectification, refused, sign, submitted, type Schema } from "./client.js";
import { contentHash, sha256, tampered, verified } from "./receipt.js";

const county = env("XUNSHI_COUNTY");

type Measure = Schema<"xunshi.rectification.v1.Measure">;

async function ourCase() {
  const page = await done(api.GET("/v1/provinces/{province}/rectifications", { params: { path: { province } } }));
  const ours = page.rectifications[0];
  assert.ok(ours && page.rectifications.length === 1, "a county sees its own case and no other");
  assert.equal(ours.county, county);
  return ours;
}

// atOnce answers a notice of immediate rectification (art. 9).
async function atOnce() {
  const signed = await sign("KIND_IMMEDIATE_RECTIFICATION", county);
  assert.ok(signed.immediateRectification?.proposal);
  const answered = await once((key) =>
    api.POST("/v1/provinces/{province}/deliveries/{delivery}:answer", {
      params: { path: ids(signed.name, "province", "delivery"), header: headers(key, signed.etag) },
      body: { text: "已全部退还。", signer: "县委书记" },
    }));
  assert.equal(answered.answers.length, 1);
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
  return {
    number, problemNumbers: [number], description, owner: "李明", ownerPost: "副县长",
    dueDate: { year: 2013, month: 5, day: 31 }, acceptanceTest: "名册公开、程序文件印发，经县纪委核查。",
  };
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

const signature = { signer: "王建国", signerPost: "县委书记", truthfulnessCommitment: true };

async function submitPlan(version: number) {
  const path = await planPath();
  const { etag } = await getPlan();
  const { answer, receipt } = await submitted((key) =>
    api.POST("/v1/provinces/{province}/rectifications/{rectification}/plan:submit", { params: { path, header: headers(key, etag) }, body: signature }));
  assert.equal(answer.state, "SUBMISSION_STATE_SUBMITTED");
  assert.equal(answer.version, version);
  assert.ok(receipt, "the answer brings a receipt");
  writeFileSync(kept(version), receipt);
}

// kept is where the county keeps the receipt of a version of its plan.
function kept(version: number): string {
  return `plan-${version}.jws`;
}

// receipts verifies offline what was kept, and finds it in the list.
async function receipts() {
  const key = env("XUNSHI_AUDIT_KEY");
  const plan = `${(await ourCase()).name}/plan`;
  const given = [1, 2].map((version) => readFileSync(kept(version), "utf8"));
  for (const receipt of given) {
    const said = verified(receipt, key);
    assert.deepEqual([said.jurisdiction, said.object], [county, plan]);
    assert.equal(said.contentSha256, contentHash({ name: plan, ...signature }));
    for (const other of tampered(receipt)) {
      assert.throws(() => verified(other, key));
    }
  }
  const stopped = verified(given[0] ?? "", key).stopped;
  assert.deepEqual(stopped.map((s) => [s.duty, s.article, s.late]), [["RECTIFICATION_PLAN", "17", false]]);

  const listed = await all(async (pageToken) => {
    const page = await done(api.GET("/v1/provinces/{province}/receipts", { params: { path: { province }, query: { pageSize: 2, pageToken } } }));
    return { items: page.receipts, next: page.nextPageToken };
  });
  assert.ok(listed.every((r) => r.jurisdiction === county), "a county lists its own and no other's");
  assert.deepEqual(listed.filter((r) => r.method.endsWith("/SubmitRectificationPlan")).map((r) => r.signedReceipt), given);
}

// plan is refused while it is incomplete, with all that is missing; a rehearsal of the
// complete one stores nothing.
async function plan() {
  const half = await writePlan([measure(1, "补发补贴并公开发放名册。")]);
  const path = await planPath();
  const submit = (etag: string, validateOnly: boolean) => api.POST("/v1/provinces/{province}/rectifications/{rectification}/plan:submit", {
    params: { path, header: headers(randomUUID(), etag) }, body: { ...signature, truthfulnessCommitment: false, validateOnly },
  });
  const { reason, article, text, missing } = await refused(400, submit(half.etag, true));
  assert.deepEqual({ reason, article }, { reason: "PLAN_INCOMPLETE", article: "17" });
  assert.match(text, /2/, "the text names the problem that is not covered");
  assert.ok(missing.includes("COMMITMENT_MISSING"), `all that is missing is named, not only ${missing}`);

  const whole = await writePlan([measure(1, "补发补贴并公开发放名册。"), measure(2, "清理选任程序并培训干部。")]);
  assert.equal((await refused(412, submit(half.etag, false))).reason, "ETAG_MISMATCH");
  const rehearsed = await done(api.POST("/v1/provinces/{province}/rectifications/{rectification}/plan:submit", {
    params: { path, header: headers(randomUUID(), whole.etag) }, body: { ...signature, validateOnly: true },
  }));
  assert.equal(rehearsed.state, "SUBMISSION_STATE_SUBMITTED");
  assert.equal((await getPlan()).state, "SUBMISSION_STATE_DRAFT");

  await submitPlan(1);
  assert.equal((await ourCase()).reportDue?.article, "17");
  const lists = await done(api.GET("/v1/provinces/{province}/rectifications/{rectification}/lists", { params: { path } }));
  assert.deepEqual([lists.problems.length, lists.tasks.length, lists.owners.length], [2, 2, 1]);
}

// guided: the county reads what its city said to it, and nothing of the city's own
// measures (art. 15(3), (4)).
async function guided() {
  const path = await planPath();
  const read = await done(api.GET("/v1/provinces/{province}/rectifications/{rectification}/cityGuidances", { params: { path } }));
  assert.deepEqual(read.cityGuidances.map((g) => g.content), ["请逐项制定措施，明确责任人。"]);
  const { reason } = await refused(403, api.GET("/v1/provinces/{province}/rectifications/{rectification}/cityMeasures", { params: { path } }));
  assert.equal(reason, "METHOD_NOT_GRANTED");
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

const roster = Buffer.from("村别,户数,已发放\n东村,120,是\n西村,86,是\n".repeat(5_000));

// upload hands in the roster. The file itself is the body, which is no JSON.
async function upload(name: string): Promise<Schema<"xunshi.document.v1.Document">> {
  const about = new URLSearchParams({ displayName: "发放名册.csv", sha256: sha256(roster), documentDate: "2012-11-12" });
  const response = await fetch(`${env("XUNSHI_EDGE")}/v1/${name}/documents:upload?${about}`, {
    method: "POST", body: roster,
    headers: { Authorization: `Bearer ${env("XUNSHI_TOKEN")}`, "Content-Type": "text/csv", "Idempotency-Key": randomUUID() },
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

type Item = Awaited<ReturnType<typeof items>>[number];

async function reportItem(item: Item, state: "STATE_IN_PROGRESS" | "STATE_DONE", document: string) {
  const reported = await once((key) =>
    api.POST("/v1/provinces/{province}/rectifications/{rectification}/items/{item}:reportProgress", {
      params: { path: ids(item.name, "province", "rectification", "item"), header: headers(key, item.etag) },
      body: {
        state, percent: state === "STATE_DONE" ? 100 : 60, progress: "已按措施办理。",
        evidence: [{ document, sha256: sha256(roster), title: "发放名册" }],
      },
    }));
  assert.equal(reported.state, state);
}

async function progress() {
  const { name, state } = await ourCase();
  assert.equal(state, "STATE_RECTIFYING");
  const document = await upload(name);
  assert.equal(document.sha256, sha256(roster));
  for (const state of ["STATE_IN_PROGRESS", "STATE_DONE"] as const) {
    for (const item of await items(name)) {
      await reportItem(item, state, document.name);
    }
  }
  assert.ok(roster.equals(await download(document.name)), "a document comes out as it went in");
}

// again reports on what the city returned.
async function again() {
  const { name } = await ourCase();
  const returned = (await items(name)).filter((i) => i.state === "STATE_IN_PROGRESS");
  assert.deepEqual(returned.map((i) => i.opinion), ["请附西村名册。"]);
  const document = await upload(name);
  for (const item of returned) {
    await reportItem(item, "STATE_DONE", document.name);
  }
}

async function report() {
  const { name } = await ourCase();
  const path = ids(name, "province", "rectification");
  const draft = await done(api.GET("/v1/provinces/{province}/rectifications/{rectification}/report", { params: { path } }));
  const accounts = (await items(name)).map((item) => ({ number: item.measure?.number ?? 0, state: "STATE_DONE" as const, evidence: "名册、会议纪要。" }));
  const written = await once((key) =>
    api.PATCH("/v1/provinces/{province}/rectifications/{rectification}/report", { params: { path, header: headers(key, draft.etag) }, body: { accounts } }));
  const handedIn = await once((key) =>
    api.POST("/v1/provinces/{province}/rectifications/{rectification}/report:submit", { params: { path, header: headers(key, written.etag) }, body: signature }));
  assert.equal(handedIn.state, "SUBMISSION_STATE_SUBMITTED");
}

async function closed() {
  const { name, state } = await ourCase();
  assert.equal(state, "STATE_CLOSED");
  assert.deepEqual((await items(name)).map((i) => i.state), ["STATE_CLOSED", "STATE_CLOSED"]);
  assert.deepEqual((await obligations("STATE_OPEN")).filter((o) => o.duty === "DUTY_RECTIFICATION_PLAN" || o.duty === "DUTY_RECTIFICATION_REPORT"), []);
}

await play({ atOnce, receive, guided, plan, revise, receipts, progress, again, report, closed });
