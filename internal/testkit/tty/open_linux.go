package tty

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// Open returns both ends of a new pseudo-terminal, or ErrNone.
func Open(columns, rows uint16) (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	if slave, err = openSlave(master, columns, rows); err != nil {
		master.Close()
		return nil, nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	return master, slave, nil
}

func openSlave(master *os.File, columns, rows uint16) (*os.File, error) {
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, err
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, err
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows}); err != nil {
		return nil, err
	}
	return os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
}

// Run runs a command whose standard streams are a terminal, and returns every byte that it sent there: the terminal adds
// nothing, not even a CR to a newline. How the command ended is in its ProcessState; the error is for what kept it from
// running.
func Run(cmd *exec.Cmd, columns, rows uint16) ([]byte, error) {
	return Follow(cmd, columns, rows, func([]byte) {})
}

// Follow is Run that hands over what was printed so far whenever there is more of it.
func Follow(cmd *exec.Cmd, columns, rows uint16, seen func([]byte)) ([]byte, error) {
	master, slave, err := Open(columns, rows)
	if err != nil {
		return nil, err
	}
	defer master.Close()
	if err := raw(slave); err != nil {
		slave.Close()
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err = cmd.Start()
	slave.Close()
	if err != nil {
		return nil, err
	}
	// Reading ends with an error: the last process has closed its end.
	var printed []byte
	for part := make([]byte, 32<<10); ; {
		n, err := master.Read(part)
		if printed = append(printed, part[:n]...); err != nil {
			break
		}
		seen(printed)
	}
	_ = cmd.Wait() // told by ProcessState
	return printed, nil
}

// raw has a terminal pass on what is written to it as it is.
func raw(slave *os.File) error {
	mode, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err != nil {
		return err
	}
	mode.Oflag &^= unix.OPOST
	mode.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(int(slave.Fd()), unix.TCSETS, mode)
}
