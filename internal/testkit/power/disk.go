package power

import (
	"maps"
	"math/rand/v2"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// disk is a folder as far as it is certainly on the disk, and what is still on its way.
type disk struct {
	files map[int]*diskFile
	names map[string]int
	loose []op // on names, since the folder was last synced
}

type diskFile struct {
	synced []byte
	loose  []op // since the file was last synced
}

func newDisk() *disk { return &disk{files: map[int]*diskFile{}, names: map[string]int{}} }

// do books an operation. Dice decide what a sync that fails has written.
func (d *disk) do(o op, dice *rand.Rand) {
	switch o.kind {
	case opCreate:
		d.files[o.file] = &diskFile{}
		d.loose = append(d.loose, o)
	case opLink, opUnlink, opRename:
		d.loose = append(d.loose, o)
	case opSyncFolder:
		for _, o := range d.loose {
			o.rename(d.names)
		}
		d.loose = nil
	case opWrite, opTruncate:
		f := d.files[o.file]
		f.loose = append(f.loose, o)
	case opSync:
		f := d.files[o.file]
		f.synced, f.loose = f.after(everything), nil
	case opSyncFailed:
		f := d.files[o.file]
		f.synced, f.loose = f.after(draw(dice, f.sectors())), nil
	}
}

// rename makes an operation's change to names, if it can be made.
func (o op) rename(names map[string]int) {
	switch o.kind {
	case opCreate, opLink:
		names[o.name] = o.file
	case opUnlink:
		delete(names, o.name)
	case opRename:
		if file, ok := names[o.name]; ok {
			delete(names, o.name)
			names[o.to] = file
		}
	}
}

// cut is one way in which the folder may look when the power fails now: files by name.
func (d *disk) cut(dice *rand.Rand) map[string][]byte {
	names := maps.Clone(d.names)
	luck := draw(dice, len(d.loose))
	for _, o := range d.loose {
		if luck.next() {
			o.rename(names)
		}
	}
	image := map[string][]byte{}
	for name, file := range names {
		f := d.files[file]
		image[name] = f.after(draw(dice, f.sectors()))
	}
	return image
}

// sectors is how many decisions after takes.
func (f *diskFile) sectors() int {
	n := 0
	for _, o := range f.loose {
		n += o.sectors()
	}
	return n
}

func (o op) sectors() int {
	if o.kind == opTruncate || len(o.data) == 0 {
		return 1
	}
	return int((o.off+int64(len(o.data))-1)/sector-o.off/sector) + 1
}

// after is the file with those parts of its loose operations that have the luck to reach the disk.
func (f *diskFile) after(luck luck) []byte {
	data := append([]byte(nil), f.synced...)
	for _, o := range f.loose {
		if o.kind == opTruncate {
			if luck.next() {
				data = resize(data, o.off)
			}
			continue
		}
		whole := luck.whole && luck.next()
		for from := 0; from < len(o.data); {
			to := min(len(o.data), from+int(sector-(o.off+int64(from))%sector))
			if luck.whole && whole || !luck.whole && luck.next() {
				data = resize(data, max(int64(len(data)), o.off+int64(to)))
				copy(data[o.off+int64(from):], o.data[from:to])
			}
			from = to
		}
	}
	return data
}

// resize cuts a file or fills it with zeros.
func resize(data []byte, size int64) []byte {
	if size <= int64(len(data)) {
		return data[:size]
	}
	return append(data, make([]byte, size-int64(len(data)))...)
}

// luck decides what reaches the disk: each sector, or each write as a whole.
type luck struct {
	next  func() bool
	whole bool
}

var everything = luck{next: func() bool { return true }}

// draw picks a kind of luck for n decisions. The odd ones are as likely as the even ones: a single sector that is missing
// or has come too early finds what a fair coin hardly ever does.
func draw(dice *rand.Rand, n int) luck {
	odds := dice.Float64()
	coin := func() bool { return dice.Float64() < odds }
	at, special := 0, dice.IntN(max(1, n))
	switch dice.IntN(8) {
	case 0:
		return everything
	case 1:
		return luck{next: func() bool { return false }}
	case 2: // all but one
		return luck{next: func() bool { at++; return at-1 != special }}
	case 3: // one alone
		return luck{next: func() bool { at++; return at-1 == special }}
	case 4: // as far as the disk came, in order
		return luck{next: func() bool { at++; return at-1 < special }}
	case 5:
		return luck{next: coin, whole: true}
	}
	return luck{next: coin}
}
