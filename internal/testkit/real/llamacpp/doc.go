// Package llamacpp tries the program against llama.cpp's own server with a small model, both from the Python package index:
// `make test-real`. Its tests are skipped, with the reason, where a machine cannot have them.
package llamacpp
