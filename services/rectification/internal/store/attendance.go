package store

import (
	"fmt"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// attended are the members of a city's leading body at the meetings of these feedbacks,
// with the number of counties of their city whose meetings they attended on that day, as far
// as the caller may know of them (art. 15(2)).
const attended = `
SELECT f.id, a.name, count(DISTINCT g.county_code) AS counties
FROM feedback f
CROSS JOIN LATERAL jsonb_to_recordset(f.attendees) AS a (name text, city_leading_body boolean)
JOIN feedback g ON g.province = f.province AND g.city_code = f.city_code AND g.meeting_date = f.meeting_date
  AND g.attendees @> jsonb_build_array(jsonb_build_object('name', a.name, 'city_leading_body', true))
WHERE f.province = ? AND f.id IN ? AND a.city_leading_body
GROUP BY f.id, a.name HAVING count(DISTINCT g.county_code) > 1 ORDER BY f.id, a.name`

func addAttendance(tx *pg.Tx, known map[string]beside, feedbacks []string) error {
	var found []struct {
		ID, Name string
		Counties int
	}
	if err := tx.Gorm().Raw(attended, tx.Principal().Province, feedbacks).Scan(&found).Error; err != nil {
		return fmt.Errorf("attendance: %w", err)
	}
	for _, one := range found {
		b := known[one.ID]
		b.attended = append(b.attended, domain.Attendance{Name: one.Name, Counties: one.Counties})
		known[one.ID] = b
	}
	return nil
}
