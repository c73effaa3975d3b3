package hub

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFromEnvironment(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	write := func(name, text string) string {
		full := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return full
	}
	write(".cache/huggingface/token", "hf_default\n")
	write("other/token", " hf_other\r\n")
	own := write("mine", "hf_mine")
	for _, test := range []struct {
		why     string
		env     map[string]string
		token   string
		cache   string
		offline bool
	}{
		{"nothing is set", nil, "hf_default", filepath.Join(home, ".cache/huggingface/hub"), false},
		{"HF_TOKEN comes first", map[string]string{"HF_TOKEN": " hf_env\n"}, "hf_env", filepath.Join(home, ".cache/huggingface/hub"), false},
		{"HF_HOME moves token and cache", map[string]string{"HF_HOME": "~/other"}, "hf_other", filepath.Join(home, "other/hub"), false},
		{"XDG_CACHE_HOME moves both", map[string]string{"XDG_CACHE_HOME": home}, "", filepath.Join(home, "huggingface/hub"), false},
		{"HF_TOKEN_PATH and HF_HUB_CACHE alone", map[string]string{"HF_TOKEN_PATH": own, "HF_HUB_CACHE": "/c"}, "hf_mine", "/c", false},
		{"no token unasked", map[string]string{"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, "", filepath.Join(home, ".cache/huggingface/hub"), false},
		{"offline", map[string]string{"HF_HUB_OFFLINE": "yes"}, "hf_default", filepath.Join(home, ".cache/huggingface/hub"), true},
		{"not offline", map[string]string{"HF_HUB_OFFLINE": "0"}, "hf_default", filepath.Join(home, ".cache/huggingface/hub"), false},
	} {
		o, err := FromEnvironment(func(name string) string { return test.env[name] })
		if err != nil || o.Token.Reveal() != test.token || o.Cache != test.cache || o.Offline != test.offline {
			t.Errorf("%s: token %q, cache %q, offline %v, %v; want %q, %q, %v", test.why, o.Token.Reveal(), o.Cache, o.Offline, err, test.token, test.cache, test.offline)
		}
	}
}
