package store

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// schemaVersion is the version of the file's layout. A file with a higher one is refused with [ErrNewer].
const schemaVersion = 1

// Names of bbolt's buckets: one byte each, the number for a Bucket.
var (
	textsName  = []byte{0xf0}
	schemaName = []byte{0xff}
	versionKey = []byte("version")

	recordNames = func() (names [Meta + 1][]byte) {
		for bk := Prompts; bk <= Meta; bk++ {
			names[bk] = []byte{byte(bk)}
		}
		return names
	}()
)

func bucketName(bk Bucket) []byte { return recordNames[bk] }

// writeSchema makes an empty database of an empty bbolt file.
func writeSchema(tx *bbolt.Tx) error {
	for bk := Prompts; bk <= Meta; bk++ {
		if _, err := tx.CreateBucket(bucketName(bk)); err != nil {
			return err
		}
	}
	if _, err := tx.CreateBucket(textsName); err != nil {
		return err
	}
	b, err := tx.CreateBucket(schemaName)
	if err != nil {
		return err
	}
	return b.Put(versionKey, binary.BigEndian.AppendUint32(nil, schemaVersion))
}

// checkSchema refuses a file that is not ours or not of our time.
func checkSchema(img *image) error {
	roots, err := img.buckets()
	if err != nil {
		return err
	}
	foreign := img.damaged("this is a bbolt database, but not one of openarena", "choose another file in store.path")
	schema, ok := roots[string(schemaName)]
	if !ok {
		return foreign
	}
	value, err := img.find(schema, versionKey)
	if err != nil {
		return err
	}
	if len(value) != 4 {
		return foreign
	}
	v := binary.BigEndian.Uint32(value)
	if v > schemaVersion {
		return fmt.Errorf("%s: %w: its schema is %d, this program knows %d; install a newer openarena", img.path, ErrNewer, v, schemaVersion)
	}
	if v == 0 || len(roots) < int(Meta)+2 {
		return img.damaged("its list of buckets is incomplete", adviceRepair)
	}
	return nil
}
