// Package battles makes up files of battles, the same bytes from the same shape.
package battles

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
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
	if _, err := out.Write(s.head()); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, uint64(s.Battles)))
	names := make([]string, s.Models)
	for i := range names {
		names[i] = fmt.Sprintf("model-%03d", i)
	}
	var line []byte
	for i := range s.Battles {
		a, b := random.IntN(s.Models), random.IntN(s.Models-1)
		if b >= a {
			b++
		}
		line = s.line(line[:0], random, names, i, a, b)
		if _, err := out.Write(line); err != nil {
			return err
		}
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

// head is the line of names of a CSV file.
func (s Shape) head() []byte {
	if !s.CSV {
		return nil
	}
	head := "model_a,model_b,winner"
	if s.Prompts > 0 {
		head += ",prompt"
	}
	if s.Lengths {
		head += ",len_a,len_b"
	}
	return []byte(head + "\n")
}

// line is the i-th battle.
func (s Shape) line(line []byte, random *rand.Rand, names []string, i, a, b int) []byte {
	field := func(name string, value []byte) {
		switch {
		case !s.CSV && len(line) == 0:
			line = append(line, '{')
		case len(line) > 0:
			line = append(line, ',')
		}
		if !s.CSV {
			line = append(append(append(line, '"'), name...), `":`...)
		}
		line = append(line, value...)
	}
	text := func(s string, bare bool) []byte {
		if bare {
			return []byte(s)
		}
		return []byte(`"` + s + `"`)
	}
	field("model_a", text(names[a], s.CSV))
	field("model_b", text(names[b], s.CSV))
	field("winner", text(winner(random, 600*float64(a-b)/float64(s.Models)), s.CSV))
	if s.Prompts > 0 {
		field("prompt", strconv.AppendInt(nil, int64(i*s.Prompts/s.Battles), 10))
	}
	if s.Lengths {
		field("len_a", strconv.AppendInt(nil, int64(50+random.IntN(2000)), 10))
		field("len_b", strconv.AppendInt(nil, int64(50+random.IntN(2000)), 10))
	}
	if !s.CSV {
		line = append(line, '}')
	}
	return append(line, '\n')
}
