package main

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/idmock/idmock/openapi/catalog"
)

// sample is the content of testdata/compose/compose.yaml.
type sample struct {
	Services struct {
		Idmock struct {
			Command  []string `yaml:"command"`
			ReadOnly bool     `yaml:"read_only"`
			Volumes  []string `yaml:"volumes"`
			Networks struct {
				Default struct {
					Aliases []string `yaml:"aliases"`
				} `yaml:"default"`
			} `yaml:"networks"`
		} `yaml:"idmock"`
		App struct {
			Environment map[string]string `yaml:"environment"`
			Volumes     []string          `yaml:"volumes"`
		} `yaml:"app"`
	} `yaml:"services"`
}

func readSample(t *testing.T) sample {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "..", "testdata", "compose", "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var s sample
	if err := yaml.Unmarshal(src, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// The sample's aliases are host names of providers.
func TestComposeSampleNamesRealHosts(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	hosts := realHosts(providers)
	aliases := readSample(t).Services.Idmock.Networks.Default.Aliases
	if len(aliases) == 0 {
		t.Fatal("the sample has no aliases")
	}
	for _, alias := range aliases {
		if !slices.Contains(hosts, alias) {
			t.Errorf("the sample's alias %s is not the host of a provider", alias)
		}
	}
}

// TestImageServesRealHosts runs the two containers of the sample: an app without mock settings calls the real host names
// over TLS.
func TestImageServesRealHosts(t *testing.T) {
	image := theImage(t)
	if image == "" {
		return
	}
	said := readSample(t).Services
	name := "idmock-test-" + strings.ToLower(rand.Text()[:8])
	docker(t, "network", "create", name)
	t.Cleanup(func() { forget(t, "network", name) })
	docker(t, "volume", "create", name)
	t.Cleanup(func() { forget(t, "volume", name) })

	args := []string{"run", "--detach", "--network", name, "--cap-drop", "ALL", "--security-opt", "no-new-privileges"}
	if said.Idmock.ReadOnly {
		args = append(args, "--read-only")
	}
	for _, alias := range said.Idmock.Networks.Default.Aliases {
		args = append(args, "--network-alias", alias)
	}
	container := docker(t, append(append(args, volumes(said.Idmock.Volumes, name)...), append([]string{image}, said.Idmock.Command...)...)...)
	t.Cleanup(func() { removeContainer(t, container) })
	awaitHealthy(t, container)

	app := docker(t, "build", "--quiet", "--tag", "idmock-app:test", filepath.Join("testdata", "compose", "app"))
	args = append([]string{"run", "--rm", "--network", name}, volumes(said.App.Volumes, name)...)
	for key, value := range said.App.Environment {
		args = append(args, "--env", key+"="+value)
	}
	want := "fio.js true HTTP/2.0\ncheckfacialid {\"status\":200,\"valid\":false}\nbvn 00"
	if got := docker(t, append(args, app)...); got != want {
		t.Errorf("the app printed %q, want %q", got, want)
	}
	// Without the certificate, the app rejects the server.
	if out, err := exec.CommandContext(t.Context(), "docker", "run", "--rm", "--network", name, app).CombinedOutput(); err == nil || !strings.Contains(string(out), "certificate") {
		t.Errorf("an app that does not trust the authority: %v: %s", err, out)
	}
}

// volumes returns the options for the sample's volumes.
func volumes(said []string, name string) []string {
	var args []string
	for _, volume := range said {
		_, at, _ := strings.Cut(volume, ":")
		args = append(args, "--volume", name+":"+at)
	}
	return args
}

// forget runs after the test's own context has ended.
func forget(t *testing.T, kind, name string) {
	if out, err := exec.Command("docker", kind, "rm", "--force", name).CombinedOutput(); err != nil {
		t.Errorf("%s %s stays behind: %v: %s", kind, name, err, out)
	}
}
