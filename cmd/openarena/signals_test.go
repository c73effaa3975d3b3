package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestThirdSignalKills starts this test once more as a process that never ends by itself, and interrupts it three times.
func TestThirdSignalKills(t *testing.T) {
	if os.Getenv("OPENARENA_TEST_DEAF") != "" {
		deaf(t)
		return
	}
	program := exec.Command(os.Args[0], "-test.run=^TestThirdSignalKills$")
	program.Env = append(os.Environ(), "OPENARENA_TEST_DEAF=1")
	in, err := program.StdinPipe() // stays open: it is what the process waits for
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	defer program.Process.Kill()
	said := bufio.NewScanner(out)
	for _, want := range []string{"ready", "soft", "hard"} {
		if !said.Scan() || said.Text() != want {
			t.Fatalf("it said %q (%v); want %q", said.Text(), said.Err(), want)
		}
		if err := program.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	if said.Scan() {
		t.Errorf("after the third it said %q; want nothing", said.Text())
	}
	var ended *exec.ExitError
	if err := program.Wait(); !errors.As(err, &ended) || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
		t.Errorf("it ended with %v; want the third SIGINT to have killed it", err)
	}
}

func deaf(t *testing.T) {
	sig := newSignals(t.Context())
	fmt.Println("ready")
	<-sig.soft.Done()
	fmt.Println("soft")
	<-sig.hard.Done()
	fmt.Println("hard")
	io.Copy(io.Discard, os.Stdin)
}
