// Package spec reads an OpenAPI 3 document: routes, schemas, named examples, webhooks and the forms of operations.
//
// [Read] parses the document as an ordered tree and routes its operations. The schemas of an operation or a webhook are
// loaded at the first use of it ([Operation.Load]): a hundred operations take fifty times as long to load as one.
// [Document.Validate] reports the errors of the document, and [Violation] is a value that does not satisfy a schema.
//
// It is the only package that imports kin-openapi, and no type of that library is visible outside. Settings of a provider
// (provider.yaml), credentials, error responses and signatures do not belong here.
package spec
