// Package docs holds the guides and the reference, for the running server and for `idmock help`.
//
// Rendering does not belong here.
package docs

import "embed"

// Repository is the address of the source code. Pages link to files outside this directory there.
const Repository = "https://github.com/idmock/idmock"

// Pages are the Markdown files, README.md first.
//
//go:embed *.md reference/*.md
var Pages embed.FS
