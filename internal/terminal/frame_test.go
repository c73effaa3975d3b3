package terminal

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func busy() Snapshot {
	cost := 1.2345
	return Snapshot{
		Elapsed: 12*time.Minute + 4*time.Second,
		Stages: []Stage{
			{Name: "generate", Done: 1200, Wanted: 1200},
			{Name: "judge", Done: 2210, Wanted: 7200, Failed: 190, InFlight: 64, Rate: 18.42, ETA: 4*time.Hour + 20*time.Minute},
			{Name: "export", Done: 300, InFlight: 1},
		},
		Endpoints: []Endpoint{
			{Name: "gpu", InFlight: 56, Limit: 64, TokensPerSecond: 1834.2},
			{Name: "api.openai.com", InFlight: 8, Limit: 8, TokensPerSecond: 94.2, Note: "paused until 14:05: rate limit", Failures: 3},
		},
		Ranking: []Rank{
			{Place: 1, Model: "Mistral v0.3", Rating: 1092.3, Plus: 31, Minus: 29, Battles: 1412},
			{Place: 2, Model: "通义千问 2.5 7B", Rating: 1010.2, Plus: 30, Minus: 30.4, Battles: 1410},
			{Place: 3, Model: "Llama \x1b[31mevil", Rating: 980, Plus: 28, Minus: 31, Battles: 1400},
			{Place: 4, Model: "gemma", Rating: 917.5, Plus: 131, Minus: 129, Battles: 90},
		},
		Tokens:  TokenCount{In: 1_234_567, Out: 340_210},
		Cost:    &cost,
		Message: "stopping: finishing 64 calls in flight (Ctrl-C again to leave at once)",
	}
}

func TestFrameGolden(t *testing.T) {
	for _, width := range []int{30, 40, 80, 200} {
		for _, height := range []int{5, 24} {
			size := fmt.Sprintf("%dx%d", width, height)
			lines := frame(busy(), width, height, Palette{})
			checkFits(t, size, lines, width, height)
			checkGolden(t, "frame_"+size, strings.Join(lines, "\n")+"\n")
		}
	}
}

func TestFrameFitsEverywhere(t *testing.T) {
	crowd := busy()
	for i := range 30 {
		name := hostile[i]
		crowd.Stages = append(crowd.Stages, Stage{Name: name, Done: 1 << 62, Failed: 1 << 62, Wanted: int64(i), Rate: 1e300, ETA: 1 << 62})
		crowd.Endpoints = append(crowd.Endpoints, Endpoint{Name: name, Note: strings.Repeat(name, 9), TokensPerSecond: 1e18})
		crowd.Ranking = append(crowd.Ranking, Rank{Place: i, Model: strings.Repeat("模型", i), Rating: 1e300, Plus: 1e9})
	}
	crowd.Message = strings.Repeat("长", 300)
	for name, s := range map[string]Snapshot{"empty": {}, "busy": busy(), "crowd": crowd, "settled": busy().settled()} {
		for width := 0; width < 130; width += 1 + width/6 {
			for height := 0; height < 40; height += 1 + height/4 {
				lines := frame(s, width, height, NewPalette(true))
				checkFits(t, fmt.Sprintf("%s at %dx%d", name, width, height), lines, width, height)
			}
		}
	}
}

// checkFits reports lines that would wrap, scroll, or let something hostile through.
func checkFits(t *testing.T, where string, lines []string, width, height int) {
	t.Helper()
	if len(lines) == 0 || len(lines) > max(1, height-1) {
		t.Errorf("%s: %d lines; want 1 to %d", where, len(lines), max(1, height-1))
	}
	for _, line := range lines {
		text := unmarked(line)
		if Width(text) > max(1, width-1) {
			t.Errorf("%s: %q is %d wide", where, text, Width(text))
		}
		checkSafe(t, where, text)
	}
}

func TestFrameOnShortTerminals(t *testing.T) {
	tests := []struct {
		name          string
		height        int
		shown, absent []string
	}{
		{"all is shown where there is room", 24, []string{"generate", "export", "gpu", "gemma", "stopping", "$1.23"}, nil},
		{"the ranking is shortened first", 13, []string{"generate", "gpu", "Mistral", "more", "stopping"}, []string{"gemma"}},
		{"then it goes, then an endpoint that does not wait", 8, []string{"export", "paused", "stopping"}, []string{"gpu", "Mistral"}},
		{"then finished stages", 5, []string{"judge", "export", "stopping", "12 min"}, []string{"generate", "paused"}},
		{"on one line there is at least the time", 1, []string{"12 min"}, []string{"stopping"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Join(frame(busy(), 80, tt.height, Palette{}), "\n")
			for _, want := range tt.shown {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			for _, not := range tt.absent {
				if strings.Contains(text, not) {
					t.Errorf("%q in\n%s", not, text)
				}
			}
		})
	}
}

func TestBar(t *testing.T) {
	tests := []struct {
		name string
		in   Stage
		want string
	}{
		{"nothing is known", Stage{Done: 7}, "──────────"},
		{"nothing is done", Stage{Wanted: 10}, "──────────"},
		{"half a cell", Stage{Done: 5, Wanted: 100}, "╸─────────"},
		{"half of it", Stage{Done: 5, Wanted: 10}, "━━━━━─────"},
		{"almost all is not all", Stage{Done: 9999, Wanted: 10000}, "━━━━━━━━━╸"},
		{"all", Stage{Done: 10, Wanted: 10}, "━━━━━━━━━━"},
		{"failures have a shape of their own", Stage{Done: 5, Failed: 2, Wanted: 10}, "━━━━━╍╍───"},
		{"all failed", Stage{Failed: 10, Wanted: 10}, "╍╍╍╍╍╍╍╍╍╍"},
		{"one failure in many is only a number", Stage{Done: 5000, Failed: 1, Wanted: 10000}, "━━━━━─────"},
		{"more than was wanted", Stage{Done: 30, Wanted: 10}, "━━━━━━━━━━"},
		{"more failures than was wanted", Stage{Done: 1, Failed: 30, Wanted: 10}, "╍╍╍╍╍╍╍╍╍╍"},
	}
	for _, tt := range tests {
		if got := bar(tt.in, 10); got != tt.want {
			t.Errorf("%s: bar(%+v) = %s; want %s", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestPaintBar(t *testing.T) {
	paint := paintBar(NewPalette(true))
	tests := []struct{ name, in, want string }{
		{"what is done is cyan, what fails red, the rest dim", "━╍╸─", "\x1b[36m━\x1b[0m\x1b[31m╍\x1b[0m\x1b[36m╸\x1b[0m\x1b[2m─\x1b[0m"},
		{"a full bar is green", "━━", "\x1b[32m━━\x1b[0m"},
		{"an empty text stays empty", "", ""},
	}
	for _, tt := range tests {
		if got := paint(tt.in); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
}
