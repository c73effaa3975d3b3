package store

import (
	"encoding/binary"
	"hash/crc32"
)

// A stored record is one value in its own bucket,
//
//	format 1 B | flags 1 B | CRC32C 4 B | meta … | text id 8 B, if flagText is set
//
// and, if it has a body, one value in the bucket of all texts, under that id:
//
//	format 1 B | codec 1 B | CRC32C 4 B | body …
//
// Both checksums begin with the bucket and the key of the record, so that a value that strays is found like one that
// has changed. All numbers are big endian.
const (
	recordFormat = 1
	codecRaw     = 0
	flagText     = 0x01 // the low nibble of flags; the high one is the codec of meta
	headerSize   = 6
	textIDSize   = 8
	counterSize  = 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// textSeed is added to a bucket's number in the checksum of a text, so that no index value passes for one.
const textSeed = 0x80

// seeds holds the checksum of every single byte: a record's begins with its bucket.
var seeds = func() (t [256]uint32) {
	for i := range t {
		t[i] = crc32.Checksum([]byte{byte(i)}, castagnoli)
	}
	return t
}()

// checksum covers where a value belongs, its first two bytes and everything after the checksum itself.
func checksum(seed byte, key, value []byte) uint32 {
	c := crc32.Update(seeds[seed], castagnoli, key)
	c = crc32.Update(c, castagnoli, value[:2])
	return crc32.Update(c, castagnoli, value[headerSize:])
}

// appendIndex appends the index value of a record. With a text to come, [setTextID] adds the id and completes it.
func appendIndex(dst []byte, bk Bucket, key, meta []byte, text bool) []byte {
	var flags byte
	if text {
		flags = flagText
	}
	return appendMeta(dst, bk, key, meta, flags)
}

// appendMeta appends the meta of a record, sealed.
func appendMeta(dst []byte, bk Bucket, key, meta []byte, flags byte) []byte {
	start := len(dst)
	dst = append(dst, recordFormat, flags, 0, 0, 0, 0)
	dst = append(dst, meta...)
	value := dst[start:]
	binary.BigEndian.PutUint32(value[2:], checksum(byte(bk), key, value))
	return dst
}

// setTextID appends the id of the text to an index value that was made without and extends its checksum by it: the id is
// known only inside the transaction, and nothing else has to be summed there. The value needs textIDSize spare capacity.
func setTextID(value []byte, id uint64) []byte {
	n := len(value)
	value = binary.BigEndian.AppendUint64(value, id)
	c := crc32.Update(binary.BigEndian.Uint32(value[2:]), castagnoli, value[n:])
	binary.BigEndian.PutUint32(value[2:], c)
	return value
}

// appendText appends the text value of a record.
func appendText(dst []byte, bk Bucket, key, body []byte) []byte {
	start := len(dst)
	dst = append(dst, recordFormat, codecRaw, 0, 0, 0, 0)
	dst = append(dst, body...)
	value := dst[start:]
	binary.BigEndian.PutUint32(value[2:], checksum(byte(bk)|textSeed, key, value))
	return dst
}

// parseIndex splits an index value into meta and text id (0: no text). What is wrong with it is said in why.
func parseIndex(bk Bucket, key, value []byte) (meta []byte, textID uint64, why string) {
	switch {
	case len(value) < headerSize:
		return nil, 0, "too short"
	case binary.BigEndian.Uint32(value[2:]) != checksum(byte(bk), key, value):
		return nil, 0, "checksum does not hold"
	case value[0] != recordFormat:
		return nil, 0, "unknown format"
	case value[1]&^flagText != 0:
		return nil, 0, "unknown codec"
	case value[1]&flagText == 0:
		return value[headerSize:], 0, ""
	case len(value) < headerSize+textIDSize:
		return nil, 0, "too short"
	}
	split := len(value) - textIDSize
	return value[headerSize:split], binary.BigEndian.Uint64(value[split:]), ""
}

// parseText returns the body in a text value.
func parseText(bk Bucket, key, value []byte) (body []byte, why string) {
	switch {
	case value == nil:
		return nil, "its text is missing"
	case len(value) < headerSize:
		return nil, "its text is too short"
	case binary.BigEndian.Uint32(value[2:]) != checksum(byte(bk)|textSeed, key, value):
		return nil, "checksum of its text does not hold"
	case value[0] != recordFormat:
		return nil, "unknown format of its text"
	case value[1] != codecRaw:
		return nil, "unknown codec of its text"
	}
	return value[headerSize:], ""
}

// Counter returns the value of a record in Totals, and 0 for a record that holds no counter.
func Counter(r Record) int64 {
	if len(r.Meta) != counterSize {
		return 0
	}
	return int64(binary.BigEndian.Uint64(r.Meta))
}
