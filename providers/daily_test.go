package providers

import (
	"testing"
	"time"
)

// A quota of Google's for the day returns at midnight in California, whatever wait its answer names.
func TestDailyQuota(t *testing.T) {
	said, ok := readFault([]byte(`{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[
		{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},
		{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"18s"}]}}`))
	if !ok {
		t.Fatal("no fault was read")
	}
	for _, c := range []struct {
		now  string
		want time.Duration
	}{
		{"2026-01-15T07:00:00Z", time.Hour}, // 23:00 there
		{"2026-01-15T08:00:00Z", 24 * time.Hour},
		{"2026-12-31T20:30:00Z", 11*time.Hour + 30*time.Minute},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if e := complain(429, nil, said, nil, now).sort(); e.Class != Overloaded || e.After != c.want {
			t.Errorf("at %s: %v after %v; want overloaded after %v", c.now, e.Class, e.After, c.want)
		}
	}
}
