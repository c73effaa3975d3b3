package store

import "encoding/binary"

// What another backend keeps of a record are two values, sealed like those in a file: with format, flags and a checksum
// that begins with bucket and key, so that a value that strays or rots is found wherever it is read.

// flagBody says that the record has a body, which its backend keeps beside it. In a file flagText says so.
const flagBody = 0x02

// SealSize is how many bytes longer a sealed value is.
const SealSize = headerSize

// SealMeta appends the sealed meta of a record to dst. It also says whether the record has a body.
func SealMeta(dst []byte, bk Bucket, key, meta []byte, body bool) []byte {
	var flags byte
	if body {
		flags = flagBody
	}
	return appendMeta(dst, bk, key, meta, flags)
}

// SealBody appends the sealed body of a record to dst.
func SealBody(dst []byte, bk Bucket, key, body []byte) []byte { return appendText(dst, bk, key, body) }

// OpenMeta returns the meta in a sealed value, which shares its memory, and whether the record has a body. An error is a
// *RecordError.
func OpenMeta(bk Bucket, key, value []byte) (meta []byte, body bool, err error) {
	why := ""
	switch {
	case len(value) < headerSize:
		why = "too short"
	case binary.BigEndian.Uint32(value[2:]) != checksum(byte(bk), key, value):
		why = "checksum does not hold"
	case value[0] != recordFormat:
		why = "unknown format"
	case value[1]&^flagBody != 0:
		why = "unknown codec"
	default:
		return value[headerSize:], value[1]&flagBody != 0, nil
	}
	return nil, false, badRecord(bk, key, why)
}

// OpenBody returns the body in a sealed value, which shares its memory; nil is one that is missing. An error is a
// *RecordError.
func OpenBody(bk Bucket, key, value []byte) ([]byte, error) {
	body, why := parseText(bk, key, value)
	if why != "" {
		return nil, badRecord(bk, key, why)
	}
	return body, nil
}

func badRecord(bk Bucket, key []byte, why string) *RecordError {
	return &RecordError{Bucket: bk, Key: append([]byte(nil), key...), What: why}
}
