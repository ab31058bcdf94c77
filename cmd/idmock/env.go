package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/idmock/idmock/mockserver/control"
)

type envCmd struct {
	Provider string `arg:"" help:"A provider's name."`
	Account  string `help:"The account, which is opened: what the provider takes as its key. Empty is demo." placeholder:"NAME"`
	Addr     string `help:"The server that runs." default:"http://127.0.0.1:8080" env:"IDMOCK_AGAINST" placeholder:"URL"`
	Format   string `help:"sh for eval, dotenv for an .env file, powershell, or json." enum:"sh,dotenv,powershell,json" default:"sh"`
}

// Run prints what an application is started with to speak to a running server.
func (c *envCmd) Run(e env) error {
	r, err := newRemote("--addr", c.Addr)
	if err != nil {
		return err
	}
	var told control.Environment
	err = r.ask(e.ctx, http.MethodGet, "/providers/"+url.PathEscape(c.Provider)+"/env", c.Account, nil, &told)
	var problem *refused
	var server unreachable
	if errors.As(err, &problem) || errors.As(err, &server) {
		return verdict{exitUntested, err.Error()}
	}
	if err != nil {
		return err
	}
	return environments[c.Format](e.stdout, told.Variables)
}

// environments are the ways to write variables.
var environments = map[string]func(io.Writer, []control.Variable) error{
	"sh":         each("export %s=%s\n", shellQuoted),
	"dotenv":     each("%s=%s\n", dotenvQuoted),
	"powershell": each("$env:%s = %s\n", func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }),
	"json": func(w io.Writer, all []control.Variable) error {
		values := map[string]string{}
		for _, v := range all {
			values[v.Name] = v.Value
		}
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(values)
	},
}

func each(format string, quoted func(string) string) func(io.Writer, []control.Variable) error {
	return func(w io.Writer, all []control.Variable) error {
		for _, v := range all {
			if _, err := fmt.Fprintf(w, format, v.Name, quoted(v.Value)); err != nil {
				return err
			}
		}
		return nil
	}
}

// plain is what no shell looks into.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]+$`)

func shellQuoted(s string) string {
	if plain.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func dotenvQuoted(s string) string {
	if plain.MatchString(s) {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "$", `\$`).Replace(s) + `"`
}
