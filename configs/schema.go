package configs

import _ "embed"

//go:generate go run ./schemagen schema.json

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema of an arena.yaml, for editors. The caller must not change it.
func Schema() []byte { return schema }
