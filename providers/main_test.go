package providers

import (
	"os"
	"testing"
)

// TestMain does without the proxies of the machine: which errors are seen would depend on them.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		os.Unsetenv(name)
	}
	os.Exit(m.Run())
}
