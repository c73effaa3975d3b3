package postgres

import (
	"context"
	"fmt"

	"openarena/store"
)

// Sizes say what takes the space in an arena's schema, as the server's catalogue has it.
type Sizes struct {
	Path string `json:"path"` // left to the caller
	Size int64  `json:"size"` // of all tables with their indexes, bytes on the server's disk
	// Buckets are bytes on the disk, indexes included, and records as the server estimates them.
	Buckets   map[store.Bucket]store.Usage `json:"buckets"`
	Workers   int64                        `json:"workers_size"` // bytes of the tables that are no bucket
	Estimated bool                         `json:"estimated"`    // always true: nothing is counted
}

// Sizes asks the server's catalogue; no record is read.
func (db *DB) Sizes(ctx context.Context) (Sizes, error) {
	s := Sizes{Buckets: map[store.Bucket]store.Usage{}, Estimated: true}
	of := map[string]store.Bucket{}
	for bk := store.Prompts; bk <= store.Meta; bk++ {
		of["oa_"+bk.String()] = bk
		s.Buckets[bk] = store.Usage{}
	}
	rows, err := db.pool.Query(ctx, `SELECT c.relname::text, pg_total_relation_size(c.oid), greatest(c.reltuples::bigint, s.n_live_tup, 0)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
		WHERE n.nspname = $1 AND c.relkind = 'r'`, db.schema)
	if err != nil {
		return s, fmt.Errorf("sizes of the tables: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		var size, records int64
		if err := rows.Scan(&table, &size, &records); err != nil {
			return s, fmt.Errorf("sizes of the tables: %w", err)
		}
		s.Size += size
		if bk, is := of[table]; is {
			s.Buckets[bk] = store.Usage{Records: records, Bytes: size}
		} else {
			s.Workers += size
		}
	}
	return s, rows.Err()
}
