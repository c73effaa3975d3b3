package store

import (
	"context"
	"errors"
	"fmt"
)

// survey walks all records of an image and verifies each. Check, StatsOf, Compact and Repair are made of it.
type survey struct {
	img    *image
	report *Report
	walker walker
	roots  map[string]rootOf
	at     Bucket // the bucket being walked; 0: none
	texts  int64  // records met that have a text
}

func newSurvey(path string, img *image) *survey {
	s := &survey{img: img, report: &Report{Path: path, Buckets: map[Bucket]Usage{}}, roots: map[string]rootOf{}}
	s.walker = walker{img: img, seen: newBitset(img.meta.pages)}
	s.walker.lost = func(l Lost) {
		l.Bucket = s.at
		s.report.addLost(l)
	}
	return s
}

// findBuckets fills roots. A bucket that is not there is damage.
func (s *survey) findBuckets() error {
	s.walker.entry = func(key, value []byte, bucket bool) error {
		if root, ok := parseRoot(value); ok && bucket {
			s.roots[string(key)] = root
		}
		return nil
	}
	if err := s.walker.walk(rootOf{page: s.img.meta.root}); err != nil {
		return err
	}
	for bk := Prompts; bk <= Meta; bk++ {
		if _, ok := s.roots[string(bucketName(bk))]; !ok {
			s.report.addLost(Lost{Bucket: bk, What: "the bucket is missing"})
		}
	}
	return nil
}

// records calls each with every record that is well, bucket by bucket in key order. What it is given is valid until it
// returns.
func (s *survey) records(ctx context.Context, each func(Bucket, Record) error) error {
	defer func() { s.at = 0 }()
	for bk := Prompts; bk <= Meta; bk++ {
		root, ok := s.roots[string(bucketName(bk))]
		if !ok {
			continue
		}
		s.at = bk
		s.walker.entry = func(key, value []byte, _ bool) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			rec, why := s.record(bk, key, value)
			if why != "" {
				s.report.addBad(bk, key, why)
				return nil
			}
			s.report.count(bk, rec.size())
			return each(bk, rec)
		}
		if err := s.walker.walk(root); err != nil {
			return err
		}
	}
	return nil
}

func (s *survey) record(bk Bucket, key, value []byte) (rec Record, why string) {
	rec.Key = key
	var id uint64
	if rec.Meta, id, why = parseIndex(bk, key, value); why != "" || id == 0 {
		return rec, why
	}
	s.texts++
	text, err := s.img.find(s.roots[string(textsName)], textKey(id))
	if err != nil {
		var damaged *DamagedError
		if errors.As(err, &damaged) {
			return rec, "its text cannot be read: " + damaged.What
		}
		return rec, "its text cannot be read: " + err.Error()
	}
	rec.Body, why = parseText(bk, key, text)
	return rec, why
}

// allTexts walks the texts, which records meets only where a record leads to one.
func (s *survey) allTexts(ctx context.Context) error {
	count := int64(0)
	s.walker.entry = func([]byte, []byte, bool) error {
		count++
		return ctx.Err()
	}
	root, ok := s.roots[string(textsName)]
	if !ok {
		s.report.addLost(Lost{What: "the bucket of texts is missing"})
		return nil
	}
	err := s.walker.walk(root)
	s.report.Orphans = max(0, count-s.texts)
	return err
}

// freePages verifies that no page is both free and in use: the next commit would overwrite it.
func (s *survey) freePages() (int, error) {
	ids, err := s.img.pageIDs(s.img.meta.freelist)
	if err != nil {
		return 0, s.img.damaged(fmt.Sprintf("page %d: %v", s.img.meta.freelist, err), adviceRepair)
	}
	s.walker.seen.add(s.img.meta.freelist)
	for _, id := range ids {
		if !s.walker.seen.add(id) {
			s.report.addLost(Lost{Page: id, What: "page is in use and on the free list"})
		}
	}
	return len(ids), nil
}
