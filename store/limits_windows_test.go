package store_test

import "errors"

func withoutUmask() func() { return func() {} }

func limitFiles(uint64) error { return errors.ErrUnsupported }
