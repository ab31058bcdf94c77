package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/idmock/idmock/internal/testenv"
)

// documentsIn returns the documents of a YAML file.
func documentsIn(t *testing.T, parts ...string) (all []map[string]any) {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(append([]string{root, "examples"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(src))
	for {
		var document map[string]any
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", strings.Join(parts, "/"), err)
		}
		all = append(all, document)
	}
}

// at returns the value at a path of members, and of list elements by their index; nil if there is none.
func at(node any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			members, _ := node.(map[string]any)
			node = members[step]
		case int:
			list, _ := node.([]any)
			if step >= len(list) {
				return nil
			}
			node = list[step]
		}
	}
	return node
}

// environmentOf returns the environment variables of serve.
func environmentOf(t *testing.T) (names []string) {
	t.Helper()
	var c cli
	parser, err := newParser(&c, streams{io.Discard, io.Discard}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Children {
		if command.Name != "serve" {
			continue
		}
		for _, flag := range command.Flags {
			names = append(names, flag.Envs...)
		}
	}
	return names
}

// The settings in the examples of deployments are the program's, and what they refer to exists.
func TestDeployments(t *testing.T) {
	known := environmentOf(t)
	if len(known) < 20 {
		t.Fatalf("%d settings", len(known))
	}
	check := func(file string, names ...string) {
		t.Helper()
		for _, name := range names {
			if strings.HasPrefix(name, "IDMOCK_") && !slices.Contains(known, name) {
				t.Errorf("%s: unknown setting %s", file, name)
			}
		}
	}
	t.Run("compose", func(t *testing.T) {
		services := composeServices(t, check, "compose", "compose.yaml")
		if at(services, "idmock", "deploy", "replicas") != uint64(2) || at(services, "idmock", "environment", "IDMOCK_STORE") == nil {
			t.Errorf("want two replicas on one store: %v", services["idmock"])
		}
		proxy, err := os.ReadFile(filepath.Join(root, "examples", "compose", "nginx.conf"))
		if err != nil || !bytes.Contains(proxy, []byte("server idmock:8080 resolve;")) {
			t.Errorf("the proxy leads to no service: %v", err)
		}
	})
	t.Run("kubernetes", func(t *testing.T) {
		kinds := map[string]map[string]any{}
		for _, document := range documentsIn(t, "kubernetes", "idmock.yaml") {
			kinds[document["kind"].(string)] = document
		}
		for _, kind := range []string{"Secret", "Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy"} {
			if kinds[kind] == nil {
				t.Fatalf("there is no %s", kind)
			}
		}
		pod := at(kinds["Deployment"], "spec", "template")
		label := at(pod, "metadata", "labels", "app")
		for _, selector := range []any{
			at(kinds["Deployment"], "spec", "selector", "matchLabels", "app"), at(kinds["Service"], "spec", "selector", "app"),
			at(kinds["PodDisruptionBudget"], "spec", "selector", "matchLabels", "app"), at(kinds["NetworkPolicy"], "spec", "podSelector", "matchLabels", "app"),
		} {
			if selector != label || label == nil {
				t.Errorf("a selector is for %v, and the pods are %v", selector, label)
			}
		}
		container := at(pod, "spec", "containers", 0)
		variables, _ := at(container, "env").([]any)
		for _, variable := range variables {
			check("Deployment", at(variable, "name").(string))
			if key, _ := at(variable, "valueFrom", "secretKeyRef", "key").(string); key != "" && at(kinds["Secret"], "stringData", key) == nil {
				t.Errorf("the Secret has no %s", key)
			}
		}
		port := at(container, "ports", 0, "name")
		for path, name := range map[string]any{"/_idmock/v1/ready": "readinessProbe", "/_idmock/v1/health": "livenessProbe"} {
			if at(container, name, "httpGet", "path") != path || at(container, name, "httpGet", "port") != port {
				t.Errorf("%v: %v, want %s at port %v", name, at(container, name), path, port)
			}
		}
		if at(kinds["Service"], "spec", "ports", 0, "targetPort") != port || at(kinds["NetworkPolicy"], "spec", "ingress", 0, "ports", 0, "port") != port {
			t.Errorf("the Service and the NetworkPolicy lead to another port than %v", port)
		}
	})
}

// composeServices returns the services in a file for Docker Compose, whose settings and references it checks.
func composeServices(t *testing.T, check func(file string, names ...string), parts ...string) map[string]any {
	t.Helper()
	services, _ := documentsIn(t, parts...)[0]["services"].(map[string]any)
	for name, service := range services {
		environment, _ := at(service, "environment").(map[string]any)
		if strings.HasPrefix(fmt.Sprint(at(service, "image")), "ghcr.io/idmock/idmock:v") {
			check(name, slices.Collect(maps.Keys(environment))...)
		} else if at(service, "image") == nil {
			t.Errorf("%s has no image", name)
		}
		needed, _ := at(service, "depends_on").(map[string]any)
		for other := range needed {
			if services[other] == nil {
				t.Errorf("%s depends on %s, which there is not", name, other)
			}
		}
	}
	return services
}

// The app and the test of examples/compose-app work with the environment in the file, with the addresses of this machine in place of the
// names of services.
func TestComposeApp(t *testing.T) {
	testenv.Need(t, "node")
	known := environmentOf(t)
	services := composeServices(t, func(file string, names ...string) {
		for _, name := range names {
			if !slices.Contains(known, name) {
				t.Errorf("%s: unknown setting %s", file, name)
			}
		}
	}, "compose-app", "compose.yaml")
	server := beside(t, nil, "idmock", "serve", "--addr", "127.0.0.1:0").must(t, `^ready http://(\S+)$`)[1]
	port := freePort(t)
	addresses := strings.NewReplacer("idmock:8080", server, "app:3000", "127.0.0.1:"+port, "3000", port)
	run := func(name string) (variables, command []string) {
		environment, _ := at(services, name, "environment").(map[string]any)
		for variable, value := range environment {
			variables = append(variables, variable+"="+addresses.Replace(fmt.Sprint(value)))
		}
		list, _ := at(services, name, "command").([]any)
		for _, word := range list {
			command = append(command, strings.Replace(fmt.Sprint(word), "/src", filepath.Join(root, "examples", "compose-app"), 1))
		}
		return variables, command
	}
	variables, command := run("app")
	beside(t, variables, command[0], command[1:]...).must(t, "^ready$")
	variables, command = run("test")
	test := exec.CommandContext(t.Context(), command[0], command[1:]...)
	test.Env = append(os.Environ(), variables...)
	if out, err := test.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("# pass 1")) {
		t.Errorf("%v\n%s", err, out)
	}
}

// freePort returns an unused port.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
