package postgres

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// Statements go to the server below pgx's own types: keys and texts are bytes, and travel as such in both directions,
// whatever exec mode the URL asks for.

// binaryFormat is for all parameters and all columns.
var binaryFormat = []int16{1}

// query sends one statement and hands each row to f, whose bytes are valid until it returns.
func (db *DB) query(ctx context.Context, pc *pgconn.PgConn, sql string, params [][]byte, f func(row [][]byte) error) error {
	rr := pc.ExecParams(ctx, sql, params, nil, binaryFormat, binaryFormat)
	var err error
	for err == nil && rr.NextRow() {
		err = f(rr.Values())
	}
	if _, closing := rr.Close(); err == nil {
		err = closing
	}
	return err
}

// along keeps the planner of a transaction to the index of keys. Of a table that has just become large it knows nothing, and
// would sort all of it for each page.
const along = "SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)"

// queryAlong is query in a transaction of its own, which one round trip begins and ends, planned as along says.
func (db *DB) queryAlong(ctx context.Context, pc *pgconn.PgConn, sql string, params [][]byte, f func(row [][]byte) error) error {
	var batch pgconn.Batch
	batch.ExecParams(along, nil, nil, nil, nil)
	batch.ExecParams(sql, params, nil, binaryFormat, binaryFormat)
	results := pc.ExecBatch(ctx, &batch)
	var err error
	for i := 0; results.NextResult(); i++ {
		rows := results.ResultReader()
		for err == nil && rows.NextRow() && i == 1 {
			err = f(rows.Values())
		}
		if _, closing := rows.Close(); err == nil {
			err = closing
		}
	}
	if closing := results.Close(); err == nil {
		err = closing
	}
	return err
}

func int8Param(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func int8Value(value []byte) (int64, error) {
	if len(value) != 8 {
		return 0, fmt.Errorf("the server sent a number of %d bytes", len(value))
	}
	return int64(binary.BigEndian.Uint64(value)), nil
}

// Numbers of types in the wire protocol.
const (
	oidBytea = 17
	oidInt8  = 20
)

// array builds an array parameter in the binary format: dimensions 1, whether it has NULLs, type, length, lower bound, and
// each element behind its length.
type array struct {
	buf []byte
	n   int
}

const arrayHeader = 20

func newArray(oid uint32) *array {
	a := &array{buf: make([]byte, arrayHeader)}
	binary.BigEndian.PutUint32(a.buf, 1)
	binary.BigEndian.PutUint32(a.buf[8:], oid)
	binary.BigEndian.PutUint32(a.buf[16:], 1)
	return a
}

// add appends an element, which fill appends to what it is given.
func (a *array) add(fill func(dst []byte) []byte) {
	at := len(a.buf)
	a.buf = fill(append(a.buf, 0, 0, 0, 0))
	binary.BigEndian.PutUint32(a.buf[at:], uint32(len(a.buf)-at-4))
	a.n++
}

func (a *array) addBytes(p []byte) { a.add(func(dst []byte) []byte { return append(dst, p...) }) }

func (a *array) addInt8(n int64) {
	a.add(func(dst []byte) []byte { return binary.BigEndian.AppendUint64(dst, uint64(n)) })
}

func (a *array) addNull() {
	binary.BigEndian.PutUint32(a.buf[4:], 1)
	a.buf = append(a.buf, 0xff, 0xff, 0xff, 0xff)
	a.n++
}

// param is the array as a parameter. Nothing is added afterwards.
func (a *array) param() []byte {
	binary.BigEndian.PutUint32(a.buf[12:], uint32(a.n))
	return a.buf
}
