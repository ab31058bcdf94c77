package settings

import _ "embed"

// Schema is the JSON Schema of provider.yaml, draft 2020-12, for completion in editors.
//
//go:embed schema.json
var Schema []byte
