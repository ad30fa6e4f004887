package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// RemoteIssuer signs people in at the issuer of a stack that runs elsewhere.
func RemoteIssuer(url string) func(ctx context.Context, subject, party, jurisdiction string) (string, error) {
	return func(ctx context.Context, subject, party, jurisdiction string) (string, error) {
		wanted, err := json.Marshal(map[string]string{"subject": subject, "party": party, "jurisdiction": jurisdiction})
		if err != nil {
			return "", err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/token", bytes.NewReader(wanted))
		if err != nil {
			return "", err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		var answer struct {
			Token string `json:"access_token"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			return "", fmt.Errorf("issuer answered %d: %w", resp.StatusCode, err)
		}
		return answer.Token, nil
	}
}
