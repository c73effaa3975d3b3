package terminal

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const unknown = "unknown"

// Count returns n with separators: 1,200.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Number returns x with so many decimals, -1: as many as it has; "–" where there is none. A zero has no sign.
func Number(x *float64, decimals int) string {
	if x == nil {
		return "–"
	}
	text := strconv.FormatFloat(*x, 'f', decimals, 64)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	return text
}

// Percent returns a share as 48.3 %; "–" where there is none.
func Percent(share *float64) string {
	if share == nil {
		return "–"
	}
	return strconv.FormatFloat(100**share, 'f', 1, 64) + " %"
}

// Tokens returns n in three digits: 999, 1.2k, 34k, 5.6M.
func Tokens(n int64) string {
	return scaled(float64(n), 1000, []string{"", "k", "M", "G", "T"}, "")
}

// Bytes returns n in powers of 1024: 512 B, 1.5 MiB.
func Bytes(n int64) string {
	return scaled(float64(n), 1024, []string{"B", "KiB", "MiB", "GiB", "TiB"}, " ")
}

// scaled divides v by step until it is small and names the power; one decimal below 10, none where v was not divided.
func scaled(v, step float64, units []string, gap string) string {
	i := 0
	for i < len(units)-1 && math.Round(math.Abs(v)) >= step {
		v /= step
		i++
	}
	decimals := 0
	if i > 0 && math.Abs(v) < 9.95 {
		decimals = 1
	}
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.TrimSuffix(text, ".0") + gap + units[i]
}

// Money returns US dollars: $0.0123, $12.34, $1,234.56; "unknown" for nil and for what is no number. More decimals are
// shown below a dollar, since a call costs that little.
func Money(usd *float64) string {
	if usd == nil || math.IsNaN(*usd) || math.IsInf(*usd, 0) {
		return unknown
	}
	v, sign := math.Abs(*usd), ""
	if *usd < 0 {
		sign = "-"
	}
	switch {
	case v == 0:
		return "$0.00"
	case v < 0.00005:
		return sign + "under $0.0001"
	case v < 0.99995:
		return fmt.Sprintf("%s$%.4f", sign, v)
	}
	cents := int64(math.Round(v * 100))
	return fmt.Sprintf("%s$%s.%02d", sign, Count(cents/100), cents%100)
}

// Duration returns d in its two largest units, rounded: 320 ms, 4.2 s, 51 s, 4 min 51 s, 2 h 14 min, 3 d 4 h.
func Duration(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < 0:
		return "-" + Duration(-max(d, -math.MaxInt64))
	case d == 0:
		return "0 s"
	case d < 999500*time.Microsecond:
		return fmt.Sprintf("%d ms", max(1, d.Round(time.Millisecond).Milliseconds()))
	case d < 9950*time.Millisecond:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case d < time.Minute-time.Second/2:
		return fmt.Sprintf("%d s", d.Round(time.Second)/time.Second)
	case d < time.Hour-time.Second/2:
		return two(d.Round(time.Second), time.Minute, "min", time.Second, "s")
	case d < day-time.Minute/2:
		return two(d.Round(time.Minute), time.Hour, "h", time.Minute, "min")
	}
	return two(d.Round(time.Hour), day, "d", time.Hour, "h")
}

// two writes d in two units; a lesser one that is zero is left out.
func two(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d %s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		text += fmt.Sprintf(" %d %s", rest, smallName)
	}
	return text
}

// remaining is an ETA that does not flicker: seconds only in the last minute, then whole minutes, rounded up. Empty for
// what is not known.
func remaining(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d <= time.Minute-time.Second:
		return Duration((d + time.Second - 1).Truncate(time.Second)) + " left"
	case d < 24*time.Hour:
		return Duration((d + time.Minute - 1).Truncate(time.Minute)) + " left"
	}
	return Duration(d) + " left"
}

// perSecond returns a rate, rounded to what the eye can follow: 0.25/s, 3.1/s, 1,834/s; empty if nothing happens.
func perSecond(v float64, unit string) string {
	switch {
	case !(v > 0) || math.IsInf(v, 0):
		return ""
	case v < 0.995:
		return fmt.Sprintf("%.2f%s/s", v, unit)
	case v < 99.95:
		return fmt.Sprintf("%.1f%s/s", v, unit)
	}
	return Count(int64(math.Round(v))) + unit + "/s"
}
