-- +goose Up
-- Rectification asks as SERVICE which findings the leading group agreed to with a report, by
-- their ids and nothing else (art. 11).
CREATE POLICY service_read ON inspection_report_finding FOR SELECT TO casefile_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'SERVICE');

-- +goose Down
DROP POLICY service_read ON inspection_report_finding;
