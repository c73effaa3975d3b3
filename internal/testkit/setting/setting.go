// Package setting reads from the environment how much of a long test is wanted.
package setting

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// Number is a whole number, at least 1; otherwise where the variable is unset or empty. Any other text ends the test.
func Number(t testing.TB, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s; want a whole number", name, text)
	}
	return n
}

// Limit is how long a test may go on, such as 90s; 0, for ever, where the variable is unset or empty.
func Limit(t testing.TB, name string) time.Duration {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return 0
	}
	limit, err := time.ParseDuration(text)
	if err != nil || limit <= 0 {
		t.Fatalf("%s=%s; want a duration such as 90s", name, text)
	}
	return limit
}
