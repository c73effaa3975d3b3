//go:build linux

package power

import (
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// notesName is the file whose writes become notes. It is not on the disk.
const notesName = "notes"

// recorder is a folder in memory that books every operation in one order.
type recorder struct {
	fs.Inode

	mu      sync.Mutex
	log     []op
	files   int
	plan    plan
	noLinks bool // as on some disks that are carried around
}

// plan is what is to befall the process that runs now. The zero value is nothing.
type plan struct {
	kill     func() // ends the process at once
	killAt   int    // the operation that it does not live to do, counted from 1; 0: none
	killSync int    // the same among its syncs
	failSync int    // the sync that fails
	short    *rand.Rand

	ops, syncs int // so far
	dead       bool
}

var (
	_ fs.NodeCreater  = (*recorder)(nil)
	_ fs.NodeMknoder  = (*recorder)(nil)
	_ fs.NodeLinker   = (*recorder)(nil)
	_ fs.NodeUnlinker = (*recorder)(nil)
	_ fs.NodeRenamer  = (*recorder)(nil)
	_ fs.NodeFsyncer  = (*recorder)(nil)
)

// mount makes a recorder that is the folder at dir.
func mount(dir string) (*recorder, *fuse.Server, error) {
	r := &recorder{}
	server, err := fs.Mount(dir, r, &fs.Options{
		MountOptions: fuse.MountOptions{DirectMountStrict: true, Name: "power", FsName: "power"},
	})
	return r, server, err
}

// OnAdd makes the file for notes.
func (r *recorder) OnAdd(ctx context.Context) {
	r.AddChild(notesName, r.NewPersistentInode(ctx, &notes{rec: r}, fs.StableAttr{Mode: syscall.S_IFREG}), false)
}

// begin starts a life: nothing of an earlier one is still to come.
func (r *recorder) begin(part string, p plan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plan = p
	r.log = append(r.log, op{kind: opStart, name: part})
}

// do books an operation and does it, unless the plan has it otherwise. It is called with mu held.
func (r *recorder) do(o op, apply func()) syscall.Errno {
	p := &r.plan
	if p.dead {
		return syscall.EINTR
	}
	p.ops++
	if o.kind == opSync || o.kind == opSyncFolder {
		p.syncs++
		if p.syncs == p.failSync {
			if o.kind == opSync {
				o.kind = opSyncFailed
				r.log = append(r.log, o)
			}
			return syscall.EIO
		}
	}
	if p.kill != nil && (p.ops == p.killAt || p.syncs == p.killSync && p.syncs > 0) {
		p.dead = true
		p.kill()
		return syscall.EINTR
	}
	r.log = append(r.log, o)
	if apply != nil {
		apply()
	}
	return 0
}

func (r *recorder) newFile(ctx context.Context, name string) (*file, *fs.Inode, syscall.Errno) {
	r.files++
	f := &file{rec: r, id: r.files}
	if errno := r.do(op{kind: opCreate, file: f.id, name: name}, nil); errno != 0 {
		return nil, nil, errno
	}
	return f, r.NewPersistentInode(ctx, f, fs.StableAttr{Mode: syscall.S_IFREG, Ino: uint64(f.id + 10)}), 0
}

func (r *recorder) Create(ctx context.Context, name string, _, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, inode, errno := r.newFile(ctx, name)
	if errno != 0 {
		return nil, nil, 0, errno
	}
	f.mode = mode
	f.attr(&out.Attr)
	return inode, nil, 0, 0
}

// Mknod makes sockets; they are not on the disk.
func (r *recorder) Mknod(ctx context.Context, _ string, mode, _ uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	out.Attr.Mode = mode
	return r.NewPersistentInode(ctx, &socket{}, fs.StableAttr{Mode: mode & syscall.S_IFMT}), 0
}

func (r *recorder) Link(_ context.Context, target fs.InodeEmbedder, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	f, ok := target.(*file)
	if !ok || r.noLinks {
		return nil, syscall.EPERM
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	f.attr(&out.Attr)
	return f.EmbeddedInode(), r.do(op{kind: opLink, file: f.id, name: name}, nil)
}

func (r *recorder) Unlink(_ context.Context, name string) syscall.Errno {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.do(op{kind: opUnlink, name: name}, nil)
}

func (r *recorder) Rename(_ context.Context, name string, _ fs.InodeEmbedder, to string, flags uint32) syscall.Errno {
	if flags != 0 {
		return syscall.EINVAL
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.do(op{kind: opRename, name: name, to: to}, nil)
}

func (r *recorder) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.do(op{kind: opSyncFolder}, nil)
}

// file is what the living process sees of a file: the page cache, as it were.
type file struct {
	fs.Inode
	rec  *recorder
	id   int
	mode uint32
	data []byte
}

var (
	_ fs.NodeOpener    = (*file)(nil)
	_ fs.NodeGetattrer = (*file)(nil)
	_ fs.NodeSetattrer = (*file)(nil)
	_ fs.NodeReader    = (*file)(nil)
	_ fs.NodeWriter    = (*file)(nil)
	_ fs.NodeFsyncer   = (*file)(nil)
	_ fs.NodeFlusher   = (*file)(nil)
)

func (f *file) attr(out *fuse.Attr) {
	out.Mode, out.Size, out.Nlink = f.mode, uint64(len(f.data)), 1
}

func (f *file) Open(_ context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if flags&syscall.O_TRUNC == 0 {
		return nil, 0, 0
	}
	return nil, 0, f.truncate(0)
}

func (f *file) truncate(size int64) syscall.Errno {
	f.rec.mu.Lock()
	defer f.rec.mu.Unlock()
	return f.rec.do(op{kind: opTruncate, file: f.id, off: size}, func() { f.data = resize(f.data, size) })
}

func (f *file) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	f.rec.mu.Lock()
	defer f.rec.mu.Unlock()
	f.attr(&out.Attr)
	return 0
}

func (f *file) Setattr(ctx context.Context, h fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if size, ok := in.GetSize(); ok {
		if errno := f.truncate(int64(size)); errno != 0 {
			return errno
		}
	}
	if mode, ok := in.GetMode(); ok {
		f.rec.mu.Lock()
		f.mode = mode
		f.rec.mu.Unlock()
	}
	return f.Getattr(ctx, h, out)
}

func (f *file) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	f.rec.mu.Lock()
	defer f.rec.mu.Unlock()
	return fuse.ReadResultData(dest[:copy(dest, f.data[min(off, int64(len(f.data))):])]), 0
}

func (f *file) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	f.rec.mu.Lock()
	defer f.rec.mu.Unlock()
	if dice := f.rec.plan.short; dice != nil && len(data) > 1 && dice.IntN(4) == 0 {
		data = data[:1+dice.IntN(len(data)-1)]
	}
	data = append([]byte(nil), data...)
	errno := f.rec.do(op{kind: opWrite, file: f.id, off: off, data: data}, func() {
		f.data = resize(f.data, max(int64(len(f.data)), off+int64(len(data))))
		copy(f.data[off:], data)
	})
	return uint32(len(data)), errno
}

func (f *file) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	f.rec.mu.Lock()
	defer f.rec.mu.Unlock()
	return f.rec.do(op{kind: opSync, file: f.id}, nil)
}

func (f *file) Flush(context.Context, fs.FileHandle) syscall.Errno { return 0 }

// socket is a name that processes meet at.
type socket struct{ fs.Inode }

var _ fs.NodeSetattrer = (*socket)(nil)

func (s *socket) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	out.Mode = in.Mode
	return 0
}

// notes is the file that books what is written to it.
type notes struct {
	fs.Inode
	rec *recorder
}

var (
	_ fs.NodeOpener = (*notes)(nil)
	_ fs.NodeWriter = (*notes)(nil)
)

func (n *notes) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, fuse.FOPEN_DIRECT_IO, 0
}

func (n *notes) Write(_ context.Context, _ fs.FileHandle, data []byte, _ int64) (uint32, syscall.Errno) {
	key, number, _ := strings.Cut(strings.TrimSpace(string(data)), " ")
	value, err := strconv.Atoi(number)
	if err != nil {
		return 0, syscall.EINVAL
	}
	n.rec.mu.Lock()
	defer n.rec.mu.Unlock()
	if n.rec.plan.dead {
		return 0, syscall.EINTR
	}
	n.rec.log = append(n.rec.log, op{kind: opNote, key: key, value: value})
	return uint32(len(data)), 0
}
