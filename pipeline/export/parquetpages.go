package export

import (
	"runtime"

	"github.com/klauspost/compress/zstd"
	codec "github.com/parquet-go/parquet-go/compress/zstd"
)

// pageWindow is how far back zstd looks for what it has seen: a page is seldom longer, and it keeps twice as much for each page that
// is compressed at once. parquet-go's own codec keeps 16 MB.
const pageWindow = 1 << 20

// pages compresses pages as parquet-go's codec does, with encoders that live as long as the file.
type pages struct {
	*codec.Codec
	encoder *zstd.Encoder
}

func newPages() *pages {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(min(runtime.GOMAXPROCS(0), mostLanes)+1), zstd.WithWindowSize(pageWindow),
		zstd.WithLowerEncoderMem(true), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // the options above are wrong
	}
	return &pages{&codec.Codec{}, encoder}
}

func (p *pages) Encode(to, from []byte) ([]byte, error) {
	return p.encoder.EncodeAll(from, to[:0]), nil
}
