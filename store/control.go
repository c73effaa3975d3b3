package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Orders to a running process go over the socket that readers use, to whom reads the owner file: each is one request of
// kind control, whose content only the two ends know. A process that takes orders says so in its reply to the hello; an
// older one replies with nothing, and is not sent any.

const (
	maxOrder   = 4 << 10   // bytes of an order
	maxAnswer  = wireChunk // bytes of the reply to it
	answerWait = 20 * time.Second
)

// While ordering.
var (
	// ErrIdle: no process has the database open.
	ErrIdle = errors.New("no process has the database open")
	// ErrNoOrders: a process has it open that takes no orders.
	ErrNoOrders = errors.New("takes no orders")
)

// control hands an order to the process.
func (ses *session) control(payload []byte) error {
	if ses.orders == nil || len(payload) > maxOrder {
		return fmt.Errorf("%w: an order of %d bytes", errMalformed, len(payload))
	}
	ctx, cancel := context.WithTimeout(ses.ctx, answerWait)
	defer cancel()
	answer, err := ses.orders(ctx, payload)
	if err == nil && len(answer) > maxAnswer {
		err = fmt.Errorf("the answer has %d bytes, the limit is %d", len(answer), maxAnswer)
	}
	if err == nil {
		ses.out = append(ses.out, answer...)
	}
	return err
}

// Control hands an order to the process that has the database open, and returns its answer, as [Options].Control gave it. It
// is sent once: if the process ends meanwhile, what became of the order is open. Errors: ErrIdle, ErrNoOrders, or what the
// process says.
func (r *ReadDB) Control(ctx context.Context, order []byte) ([]byte, error) {
	if len(order) > maxOrder {
		return nil, fmt.Errorf("an order of %d bytes, the limit is %d", len(order), maxOrder)
	}
	src, err := r.current(ctx, nil)
	if err != nil {
		return nil, err
	}
	c, live := src.(*conn)
	switch {
	case !live:
		return nil, ErrIdle
	case !c.obeys:
		return nil, fmt.Errorf("pid %d `%s` %w: it is another command than a run, or an older version of openarena", c.owner.PID, c.owner.Command, ErrNoOrders)
	}
	answer, err := c.ask(ctx, answerWait+time.Second, kindControl, order, nil)
	if errors.Is(err, errGone) {
		return nil, fmt.Errorf("%w any more: pid %d ended", ErrIdle, c.owner.PID)
	}
	if err != nil {
		return nil, err
	}
	return answer, nil
}
