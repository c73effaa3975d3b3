package terminal

import (
	"math"
	"testing"
	"time"
)

func TestCount(t *testing.T) {
	for in, want := range map[int64]string{
		0: "0", 999: "999", 1200: "1,200", 1234567: "1,234,567", -1200: "-1,200", -999: "-999",
		math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		if got := Count(in); got != want {
			t.Errorf("Count(%d) = %q; want %q", in, got, want)
		}
	}
}

func TestTokensAndBytes(t *testing.T) {
	tests := []struct {
		in     int64
		tokens string
		bytes  string
	}{
		{0, "0", "0 B"},
		{999, "999", "999 B"},
		{1000, "1k", "1000 B"},
		{1024, "1k", "1 KiB"},
		{1234, "1.2k", "1.2 KiB"},
		{9960, "10k", "9.7 KiB"},
		{99950, "100k", "98 KiB"},
		{999999, "1M", "977 KiB"},
		{1048575, "1M", "1 MiB"},
		{-1234, "-1.2k", "-1.2 KiB"},
		{math.MaxInt64, "9223372T", "8388608 TiB"},
	}
	for _, tt := range tests {
		if got := Tokens(tt.in); got != tt.tokens {
			t.Errorf("Tokens(%d) = %q; want %q", tt.in, got, tt.tokens)
		}
		if got := Bytes(tt.in); got != tt.bytes {
			t.Errorf("Bytes(%d) = %q; want %q", tt.in, got, tt.bytes)
		}
	}
}

func TestMoney(t *testing.T) {
	if got := Money(nil); got != "unknown" {
		t.Errorf("Money(nil) = %q; want unknown", got)
	}
	for _, tt := range []struct {
		in   float64
		want string
	}{
		{0, "$0.00"},
		{0.0123, "$0.0123"},
		{0.00001, "under $0.0001"},
		{0.99996, "$1.00"},
		{12.345, "$12.35"},
		{1234.56, "$1,234.56"},
		{-0.5, "-$0.5000"},
		{math.NaN(), "unknown"},
		{math.Inf(1), "unknown"},
	} {
		if got := Money(&tt.in); got != tt.want {
			t.Errorf("Money(%v) = %q; want %q", tt.in, got, tt.want)
		}
	}
}

func TestDuration(t *testing.T) {
	tests := []struct {
		in   time.Duration
		want string
	}{
		{0, "0 s"},
		{time.Nanosecond, "1 ms"},
		{320 * time.Millisecond, "320 ms"},
		{999600 * time.Microsecond, "1 s"},
		{4200 * time.Millisecond, "4.2 s"},
		{9990 * time.Millisecond, "10 s"},
		{51 * time.Second, "51 s"},
		{59700 * time.Millisecond, "1 min"},
		{291 * time.Second, "4 min 51 s"},
		{time.Hour - time.Millisecond, "1 h"},
		{134 * time.Minute, "2 h 14 min"},
		{24*time.Hour - time.Second, "1 d"},
		{76 * time.Hour, "3 d 4 h"},
		{-51 * time.Second, "-51 s"},
		{math.MaxInt64, "106751 d 23 h"},
		{math.MinInt64, "-106751 d 23 h"},
	}
	for _, tt := range tests {
		if got := Duration(tt.in); got != tt.want {
			t.Errorf("Duration(%d) = %q; want %q", tt.in, got, tt.want)
		}
	}
}

func TestRemaining(t *testing.T) {
	tests := []struct {
		in   time.Duration
		want string
	}{
		{0, ""},
		{-time.Second, ""},
		{100 * time.Millisecond, "1 s left"},
		{59 * time.Second, "59 s left"},
		{59*time.Second + 1, "1 min left"},
		{61 * time.Second, "2 min left"},
		{134 * time.Minute, "2 h 14 min left"},
		{76 * time.Hour, "3 d 4 h left"},
	}
	for _, tt := range tests {
		if got := remaining(tt.in); got != tt.want {
			t.Errorf("remaining(%v) = %q; want %q", tt.in, got, tt.want)
		}
	}
}

func TestPerSecond(t *testing.T) {
	tests := []struct {
		in   float64
		want string
	}{
		{0, ""}, {math.NaN(), ""}, {math.Inf(1), ""}, {-1, ""}, {0.25, "0.25 tok/s"}, {3.14, "3.1 tok/s"}, {1834.4, "1,834 tok/s"},
	}
	for _, tt := range tests {
		if got := perSecond(tt.in, " tok"); got != tt.want {
			t.Errorf("perSecond(%v) = %q; want %q", tt.in, got, tt.want)
		}
	}
}
