package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/deploy/devstack/data"
)

// Sichuan is the province that the stack loads.
const Sichuan = "provinces/51"

// seed imports the divisions of Sichuan through the front door, as its
// inspection office would. A repeat changes nothing.
func (s *Stack) seed(ctx context.Context) error {
	token, err := s.Token(ctx, "office-1", "INSPECTION_OFFICE", Sichuan)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{
		"csv":           divisionsOf("51"),
		"effectiveDate": map[string]int{"year": 2012, "month": 1, "day": 1},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		text, code, err := post(ctx, s.gateway+"/v1/"+Sichuan+":importRegistry", token, body)
		switch {
		case err != nil:
			return err
		case code == http.StatusOK:
			fmt.Fprintf(s.opts.Out, "registry of Sichuan: %s\n", text)
			return nil
		case code != http.StatusServiceUnavailable: // the edge may connect a moment later
			return fmt.Errorf("the import answered %d %s", code, text)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// divisionsOf cuts a province out of the national table.
func divisionsOf(province string) string {
	var lines []string
	for i, line := range strings.Split(strings.TrimSpace(data.Divisions2023), "\n") {
		if i == 0 || strings.HasPrefix(line, province) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func post(ctx context.Context, url, token string, body []byte) (text []byte, code int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Idempotency-Key", uuid.NewString())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(resp.Body)
	return text, resp.StatusCode, err
}
