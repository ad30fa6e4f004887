import { EntitySchema } from "typeorm";

const columns = (types) => Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }]));

export const Rectification = new EntitySchema({
  name: "rectification",
  columns: {
    id: { type: "uuid", primary: true },
    ...columns({
      province: "text", inspection_id: "uuid", county_code: "text", city_code: "text", delivery_id: "uuid",
      rule_set: "text", problems: "jsonb", state: "text", receive_date: "date",
      version: "bigint", create_time: "timestamptz", update_time: "timestamptz",
    }),
    plan_submit_date: { type: "date", nullable: true },
    report_submit_date: { type: "date", nullable: true },
    close_date: { type: "date", nullable: true },
  },
});

export const Item = new EntitySchema({
  name: "item",
  columns: {
    id: { type: "uuid", primary: true },
    ...columns({
      province: "text", rectification_id: "uuid", inspection_id: "uuid", county_code: "text", city_code: "text",
      number: "int", measure: "jsonb", state: "text", percent: "int", progress: "text",
      version: "bigint", create_time: "timestamptz", update_time: "timestamptz",
    }),
  },
});

export const Obligation = new EntitySchema({
  name: "obligation",
  columns: {
    id: { type: "uuid", primary: true },
    ...columns({
      duty: "text", article: "text", subject: "text", rule_set: "text", clock: "text", start_date: "date", due_date: "date",
      provisional: "boolean", calendar_version: "text", state: "text", create_time: "timestamptz",
    }),
  },
});

export const Audit = new EntitySchema({
  name: "audit",
  columns: {
    id: { type: "uuid", primary: true },
    ...columns({ subject: "text", method: "text", object: "text", request_id: "uuid" }),
  },
});
