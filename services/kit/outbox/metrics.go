package outbox

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics is what an operator watches: parked above zero, or an oldest waiting
// event of minutes, is an alarm.
type metrics struct {
	deliveries *prometheus.CounterVec
	parkings   *prometheus.CounterVec
	pending    *prometheus.GaugeVec
	parked     *prometheus.GaugeVec
	oldest     *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) (metrics, error) {
	by := []string{"destination"}
	m := metrics{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "xunshi_outbox_deliveries_total", Help: "Attempts to deliver an event, by result.",
		}, []string{"destination", "result"}),
		parkings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "xunshi_outbox_parkings_total", Help: "Events parked for an operator.",
		}, by),
		pending: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "xunshi_outbox_pending", Help: "Events not delivered and not parked.",
		}, by),
		parked: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "xunshi_outbox_parked", Help: "Events that wait for an operator.",
		}, by),
		oldest: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "xunshi_outbox_oldest_pending_seconds", Help: "Age of the oldest event not delivered and not parked.",
		}, by),
	}
	for _, c := range []prometheus.Collector{m.deliveries, m.parkings, m.pending, m.parked, m.oldest} {
		if err := reg.Register(c); err != nil {
			return metrics{}, fmt.Errorf("outbox metrics: %w", err)
		}
	}
	return m, nil
}

const measureRows = `
SELECT destination,
       count(*) FILTER (WHERE parked_time IS NULL),
       count(*) FILTER (WHERE parked_time IS NOT NULL),
       coalesce(extract(epoch FROM now() - min(create_time) FILTER (WHERE parked_time IS NULL)), 0)::float8
FROM outbox WHERE done_time IS NULL
GROUP BY destination`

// measure sets the gauges. A destination with nothing left shows zero, since a
// gauge that vanishes does not end an alarm.
func (s *Sender) measure(ctx context.Context) error {
	found, err := s.pool.Query(ctx, measureRows)
	if err != nil {
		return fmt.Errorf("measure outbox: %w", err)
	}
	defer found.Close()
	m := s.metrics
	for destination := range s.clients {
		m.set(destination, 0, 0, 0)
	}
	for found.Next() {
		var destination string
		var pending, parked, oldest float64
		if err := found.Scan(&destination, &pending, &parked, &oldest); err != nil {
			return fmt.Errorf("measure outbox: %w", err)
		}
		m.set(destination, pending, parked, oldest)
	}
	if err := found.Err(); err != nil {
		return fmt.Errorf("measure outbox: %w", err)
	}
	return nil
}

func (m metrics) set(destination string, pending, parked, oldest float64) {
	m.pending.WithLabelValues(destination).Set(pending)
	m.parked.WithLabelValues(destination).Set(parked)
	m.oldest.WithLabelValues(destination).Set(oldest)
}
