// Package battles makes up files of battles, the same bytes from the same shape.
package battles

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
)

// Shape is what a file looks like.
type Shape struct {
	Battles, Models int
	Prompts         int  // > 0: each battle names one of these
	Lengths         bool // of both answers
	CSV             bool
}

// Write writes battles between models whose true ratings lie evenly over 600 points, a fifth of them ties. With prompts,
// each prompt's battles stand together.
func Write(w io.Writer, s Shape) error {
	out := bufio.NewWriterSize(w, 1<<20)
	if s.CSV {
		out.WriteString("model_a,model_b,winner")
		if s.Prompts > 0 {
			out.WriteString(",prompt")
		}
		if s.Lengths {
			out.WriteString(",len_a,len_b")
		}
		out.WriteByte('\n')
	}
	random := rand.New(rand.NewPCG(1, uint64(s.Battles)))
	for i := range s.Battles {
		a, b := random.IntN(s.Models), random.IntN(s.Models-1)
		if b >= a {
			b++
		}
		s.line(out, a, b, winner(random, 600*float64(a-b)/float64(s.Models)), i*s.Prompts/s.Battles, 50+random.IntN(2000), 50+random.IntN(2000))
	}
	return out.Flush()
}

func winner(random *rand.Rand, points float64) string {
	switch u := random.Float64(); {
	case u < 0.2:
		return "tie"
	case random.Float64() < 1/(1+math.Pow(10, -points/400)):
		return "a"
	}
	return "b"
}

func (s Shape) line(out *bufio.Writer, a, b int, winner string, prompt, lenA, lenB int) {
	if s.CSV {
		fmt.Fprintf(out, "model-%03d,model-%03d,%s", a, b, winner)
	} else {
		fmt.Fprintf(out, `{"model_a":"model-%03d","model_b":"model-%03d","winner":"%s"`, a, b, winner)
	}
	switch {
	case s.Prompts > 0 && s.CSV:
		fmt.Fprintf(out, ",%d", prompt)
	case s.Prompts > 0:
		fmt.Fprintf(out, `,"prompt":%d`, prompt)
	}
	switch {
	case s.Lengths && s.CSV:
		fmt.Fprintf(out, ",%d,%d", lenA, lenB)
	case s.Lengths:
		fmt.Fprintf(out, `,"len_a":%d,"len_b":%d`, lenA, lenB)
	}
	if !s.CSV {
		out.WriteByte('}')
	}
	out.WriteByte('\n')
}
