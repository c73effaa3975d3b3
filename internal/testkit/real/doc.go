// Package real tries the program against real model servers with small models, all from package registries: `make test-real`.
// Each test is skipped, with the reason, where a machine cannot have them.
package real
