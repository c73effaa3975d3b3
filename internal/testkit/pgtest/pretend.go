package pgtest

import (
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Pretend listens on a loopback port and speaks as a PostgreSQL of another version would, which lets everybody in and answers each
// question with the same row of texts. It returns a URL that names it.
func Pretend(t testing.TB, version string, row ...string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_ = pretend(c, version, row) // the client has gone
			}()
		}
	}()
	return "postgres://" + User + ":" + Password + "@" + l.Addr().String() + "/postgres?search_path=old"
}

func pretend(c net.Conn, version string, row []string) error {
	b := pgproto3.NewBackend(c, c)
	for started := false; !started; {
		m, err := b.ReceiveStartupMessage()
		if err != nil {
			return err
		}
		if _, started = m.(*pgproto3.StartupMessage); !started { // it asks for encryption
			if _, err := c.Write([]byte{'N'}); err != nil {
				return err
			}
		}
	}
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: version})
	b.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}})
	ready := &pgproto3.ReadyForQuery{TxStatus: 'I'}
	b.Send(ready)
	columns, values := &pgproto3.RowDescription{}, &pgproto3.DataRow{}
	for _, text := range row {
		columns.Fields = append(columns.Fields, pgproto3.FieldDescription{Name: []byte("c"), DataTypeOID: 25, DataTypeSize: -1, TypeModifier: -1, Format: 1})
		values.Values = append(values.Values, []byte(text))
	}
	for {
		if err := b.Flush(); err != nil {
			return err
		}
		m, err := b.Receive()
		if err != nil {
			return err
		}
		switch m.(type) {
		case *pgproto3.Parse:
			b.Send(&pgproto3.ParseComplete{})
		case *pgproto3.Bind:
			b.Send(&pgproto3.BindComplete{})
		case *pgproto3.Describe:
			b.Send(columns)
		case *pgproto3.Execute:
			b.Send(values)
			b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
		case *pgproto3.Query:
			b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 0")})
			b.Send(ready)
		case *pgproto3.Sync:
			b.Send(ready)
		case *pgproto3.Terminate:
			return nil
		}
	}
}
