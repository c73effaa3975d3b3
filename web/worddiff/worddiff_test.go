package worddiff

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestXTime(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for _, v := range []int{2, 10, 1000, 100000} {
		word := func() string { return fmt.Sprint("w", dice.IntN(v), " ") }
		var a, b strings.Builder
		for range 3000 {
			a.WriteString(word())
			b.WriteString(word())
		}
		began := time.Now()
		d := Of(a.String(), b.String())
		t.Log(v, time.Since(began), d.Common, d.Unlike)
	}
}
