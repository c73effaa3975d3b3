package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"
)

const canary = "sk-CANARY-0123456789"

// TestNothingPrintsASecret prints a secret in the ways that a program prints things, alone and inside others, fields
// that are not exported among them: for those, and for %p, fmt calls no method.
func TestNothingPrintsASecret(t *testing.T) {
	s := New(canary)
	type holder struct {
		Key  String
		Ptr  *String
		Any  any
		List []String
		Map  map[string]String
		own  String
	}
	values := []any{s, &s, holder{s, &s, s, []String{s}, map[string]String{"k": s}, s}, []any{s}, map[String]int{s: 1}, fmt.Errorf("with %v", s)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s", "%t", "%U", "%p", "%T", "%!"} {
		for _, v := range values {
			refuse(t, fmt.Sprintf("Sprintf(%s) of %T", verb, v), fmt.Sprintf(verb, v))
		}
	}
	for _, v := range values {
		refuse(t, "Sprint", fmt.Sprint(v))
		if text, err := json.Marshal(v); err == nil {
			refuse(t, "json.Marshal", string(text))
		}
		var out bytes.Buffer
		log.New(&out, "", 0).Println(v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
		refuse(t, "a log", out.String())
	}
	refuse(t, "concatenation", "x"+s.String())
}

// refuse fails if any six characters of the secret, plain or in hexadecimal, are in text.
func refuse(t *testing.T, how, text string) {
	t.Helper()
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
		for i := 0; i+6 <= len(form); i++ {
			if strings.Contains(text, form[i:i+6]) {
				t.Errorf("%s shows the secret: %s", how, text)
				return
			}
		}
	}
}

func TestASecretPrintsAsStars(t *testing.T) {
	for _, c := range []struct {
		why  string
		s    String
		want string
	}{
		{"a secret", New("x"), "***"},
		{"however long", New(strings.Repeat("x", 100)), "***"},
		{"the empty secret", New(""), ""},
		{"the zero value", String{}, ""},
	} {
		if got := fmt.Sprint(c.s); got != c.want {
			t.Errorf("%s prints as %q; want %q", c.why, got, c.want)
		}
		if c.s.Empty() != (c.want == "") {
			t.Errorf("%s: Empty() = %v", c.why, c.s.Empty())
		}
	}
}

func TestRevealAndUnmarshal(t *testing.T) {
	var v struct{ Key String }
	if err := json.Unmarshal([]byte(`{"Key": "`+canary+`"}`), &v); err != nil {
		t.Fatal(err)
	}
	if got := v.Key.Reveal(); got != canary {
		t.Errorf("Reveal() = %q; want the text that was read", got)
	}
	text, err := json.Marshal(v)
	if err != nil || string(text) != `{"Key":"***"}` {
		t.Errorf("Marshal = %s, %v; want stars", text, err)
	}
}
