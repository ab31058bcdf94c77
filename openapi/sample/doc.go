// Package sample generates values from the schemas of an OpenAPI document: responses, request bodies and event bodies.
//
// [Body] turns a schema into a template. Rendered in a scope, the template repeats values of the run and of the request where
// the schema accepts them, then uses examples and defaults, and generates the rest by the names, formats and limits in the
// schema. The same account seed and subject yield the same values. Recursion and size are bounded.
//
// It reads schemas as trees and validates nothing but the values that it repeats. Documents, references and operations belong
// to package spec.
package sample
