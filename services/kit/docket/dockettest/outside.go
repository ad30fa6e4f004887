package dockettest

import (
	"io/fs"
	"strings"
	"testing/fstest"
)

// Migrations open the tables of a service's docket to the outside role: a county or a
// city reads what it may know of itself, opens, meets and moves obligations of its own
// area, and tells others of that. It is wider than what any service grants.
func Migrations(service string) fs.FS {
	text := strings.ReplaceAll("-- +goose Up\n-- +goose StatementBegin\n"+open+"-- +goose StatementEnd\n-- +goose Down\n"+shut, "{{service}}", service)
	return fstest.MapFS{"00001_outside.sql": {Data: []byte(text)}}
}

const open = `
DO $do$
DECLARE
  own text := $p$ province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'COUNTY_COMMITTEE' THEN county_code = (SELECT authz.county())
    WHEN 'CITY_COMMITTEE' THEN city_code = (SELECT authz.city())
    WHEN 'CITY_LIAISON_BODY' THEN city_code = (SELECT authz.city()) ELSE false END $p$;
  known text := $p$ province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'COUNTY_COMMITTEE' THEN county_sees AND county_code = (SELECT authz.county())
    WHEN 'CITY_COMMITTEE' THEN city_sees AND city_code = (SELECT authz.city())
    WHEN 'CITY_LIAISON_BODY' THEN city_sees AND city_code = (SELECT authz.city()) ELSE false END $p$;
  sent text := $p$ province = (SELECT authz.province()) AND recipient_jurisdiction = (SELECT authz.jurisdiction())
    AND recipient_party = (SELECT CASE authz.party() WHEN 'COUNTY_COMMITTEE' THEN 'COUNTY_COMMITTEE'
      WHEN 'CITY_COMMITTEE' THEN 'CITY_COMMITTEE' WHEN 'CITY_LIAISON_BODY' THEN 'CITY_COMMITTEE' END) $p$;
BEGIN
  EXECUTE 'CREATE POLICY outside_read ON obligation FOR SELECT TO {{service}}_outside USING (' || known || ')';
  EXECUTE 'CREATE POLICY outside_open ON obligation FOR INSERT TO {{service}}_outside WITH CHECK (' || own || ')';
  EXECUTE 'CREATE POLICY outside_change ON obligation FOR UPDATE TO {{service}}_outside USING (' || known || ')';
  EXECUTE 'CREATE POLICY outside_read ON obligation_change FOR SELECT TO {{service}}_outside USING (' || known || ')';
  EXECUTE 'CREATE POLICY outside_record ON obligation_change FOR INSERT TO {{service}}_outside WITH CHECK (' || own || ')';
  EXECUTE 'CREATE POLICY outside_read ON notification FOR SELECT TO {{service}}_outside USING (' || sent || ')';
  EXECUTE 'CREATE POLICY outside_tell ON notification FOR INSERT TO {{service}}_outside WITH CHECK (acknowledge_time IS NULL AND' || own || ')';
  EXECUTE 'CREATE POLICY outside_acknowledge ON notification FOR UPDATE TO {{service}}_outside USING (' || sent
    || ') WITH CHECK (acknowledger = (SELECT authz.subject()))';
  GRANT SELECT, INSERT ON obligation, obligation_change, notification TO {{service}}_outside;
  GRANT UPDATE (article, soft, start_date, planned_date, awaiting, due_date, computed_date, provisional, calendar_version,
    extension, suspensions, state, satisfy_date, late, series, next_rung, rung_date, yellow_date, change_count, update_time,
    version) ON obligation TO {{service}}_outside;
  GRANT UPDATE (acknowledge_time, acknowledger, version) ON notification TO {{service}}_outside;
END $do$;
`

const shut = `REVOKE ALL ON obligation, obligation_change, notification FROM {{service}}_outside;
DROP POLICY outside_read ON obligation;
DROP POLICY outside_open ON obligation;
DROP POLICY outside_change ON obligation;
DROP POLICY outside_read ON obligation_change;
DROP POLICY outside_record ON obligation_change;
DROP POLICY outside_read ON notification;
DROP POLICY outside_tell ON notification;
DROP POLICY outside_acknowledge ON notification;
`
