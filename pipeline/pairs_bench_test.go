//go:build linux

package pipeline

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-json"
	"github.com/parquet-go/parquet-go"

	"openarena/internal/testkit/process"
)

const pairsArena = `default_endpoint: {url: URL}
models: [{name: A, model_id: a}, {name: B, model_id: b}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`

// BenchmarkPairs has the built program write OPENARENA_BENCH_PAIRS (20,000) preference rows of 2.2 KB from a warm database. For each
// format: how fast a library writes the same rows from memory, over that ("x/memory"), the same by CPU ("x/cpu"), and the
// most memory that is no mapped file ("anon-MB"). Both sync their files.
func BenchmarkPairs(b *testing.B) {
	rows, err := strconv.Atoi(cmp.Or(os.Getenv("OPENARENA_BENCH_PAIRS"), "20000"))
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	w := finished(b, pairsArena, rows, someProse)
	b.Logf("%d rows are in a database after %v", rows, time.Since(start))
	openarena, source := w.binary(), filepath.Join(w.dir, "pairs.jsonl")
	export := func(format string) spent {
		return w.spend(openarena, "export", "--type", "preference", "--format", format, "-o", filepath.Join(w.dir, "pairs."+format))
	}
	export("jsonl") // which warms the database
	for format, write := range map[string]func(*testing.B, io.Writer, string) spent{"jsonl": writeGoccy, "parquet": writeParquetGo} {
		b.Run(format, func(b *testing.B) {
			var wall, cpu durations
			var ours, theirs spent
			anonymous := 0.0
			for b.Loop() {
				ours, theirs = export(format), writePairs(b, filepath.Join(w.dir, "memory"), source, write)
				wall, cpu = append(wall, ours.wall*1000/theirs.wall), append(cpu, ours.cpu*1000/theirs.cpu)
				anonymous = max(anonymous, float64(ours.anonymous)/1e6)
			}
			b.Logf("ours %v, theirs %v", ours, theirs)
			b.ReportMetric(1000/float64(wall.median()), "x/memory")
			b.ReportMetric(1000/float64(cpu.median()), "x/cpu")
			b.ReportMetric(anonymous, "anon-MB")
		})
	}
}

// someProse is an answer of 1 KB that is no other's, with a line end and a quote now and then.
func someProse(prompt Hash, model int) string {
	words := strings.Split("it depends on what is asked and this says why so in short with an example of how that works for people who read a lot more than they write", " ")
	r := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(prompt[:]), uint64(model)))
	var b strings.Builder
	for b.Len() < 1000 {
		switch word := words[r.IntN(len(words))]; r.IntN(16) {
		case 0:
			b.WriteString(word + ".\n")
		case 1:
			b.WriteString(`"` + word + `" `)
		default:
			b.WriteString(word + " ")
		}
	}
	return b.String()
}

// spent is what writing a file took.
type spent struct {
	wall, cpu time.Duration
	anonymous int64 // bytes; 0: not measured
}

// spend runs the program and looks at its memory meanwhile.
func (w *world) spend(binary string, args ...string) (s spent) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), binary, args...)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = w.dir, &out, &out
	start := time.Now()
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case err := <-ended:
			tick.Stop()
			if err != nil {
				w.t.Fatalf("%v: %v\n%s", args, err, out.Bytes())
			}
			s.wall, s.cpu = time.Since(start), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
			return s
		case <-tick.C:
			if held, err := process.Look(cmd.Process.Pid); err == nil { // else it has just ended
				s.anonymous = max(s.anonymous, held.Anonymous)
			}
		}
	}
}

// goPair is a row of preference as other encoders are handed it.
type goPair struct {
	Prompt   []goMessage `json:"prompt" parquet:"prompt,list"`
	Chosen   []goMessage `json:"chosen" parquet:"chosen,list"`
	Rejected []goMessage `json:"rejected" parquet:"rejected,list"`
}

type goMessage struct {
	Role    string `json:"role" parquet:"role"`
	Content string `json:"content" parquet:"content"`
}

// inGroup is how many rows a row group has, as many as in the program's.
const inGroup = 4000

// writePairs has the rows of a jsonl file written by a library to another, and the file synced.
func writePairs(b *testing.B, to, source string, write func(*testing.B, io.Writer, string) spent) spent {
	b.Helper()
	f, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	s := write(b, f, source)
	s.time(func() { err = f.Sync() })
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func writeGoccy(b *testing.B, to io.Writer, source string) (s spent) {
	buffered := bufio.NewWriterSize(to, 1<<18)
	out := json.NewEncoder(buffered)
	out.SetEscapeHTML(false)
	s.groups(b, source, func(rows []goPair) error {
		for i := range rows {
			if err := out.Encode(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	s.time(func() {
		if err := buffered.Flush(); err != nil {
			b.Fatal(err)
		}
	})
	return s
}

func writeParquetGo(b *testing.B, to io.Writer, source string) (s spent) {
	out := parquet.NewGenericWriter[goPair](to, parquet.Compression(&parquet.Zstd))
	s.groups(b, source, func(rows []goPair) error {
		if _, err := out.Write(rows); err != nil {
			return err
		}
		return out.Flush()
	})
	s.time(func() {
		if err := out.Close(); err != nil {
			b.Fatal(err)
		}
	})
	return s
}

// groups reads the rows of a file, some into memory at once, and times what is done with these.
func (s *spent) groups(b *testing.B, source string, do func([]goPair) error) {
	f, err := os.Open(source)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<20)
	for more := true; more; {
		rows := make([]goPair, 0, inGroup)
		for more && len(rows) < inGroup {
			line, err := in.ReadBytes('\n')
			if more = err == nil; !more {
				break
			}
			rows = append(rows, goPair{})
			if err := json.Unmarshal(line, &rows[len(rows)-1]); err != nil {
				b.Fatal(err)
			}
		}
		runtime.GC() // of what reading left
		s.time(func() { err = do(rows) })
		if err != nil {
			b.Fatal(err)
		}
	}
}

// time adds what f takes.
func (s *spent) time(f func()) {
	start, before := time.Now(), usedCPU()
	f()
	s.wall, s.cpu = s.wall+time.Since(start), s.cpu+usedCPU()-before
}

// usedCPU is the CPU time of this process so far.
func usedCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
