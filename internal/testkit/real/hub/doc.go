// Package hub has the real Python clients of the Hugging Face Hub try the fake one, and read what the program put there:
// `make test-hub`. It is skipped, with the reason, where a machine cannot have them.
package hub
