// Command app is an unchanged production app: it calls the services by their real names. It prints their responses and
// fails without them.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	for _, step := range []func() error{script, face, number} {
		if err := step(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// script loads the browser's script as a page would.
func script() error {
	body, proto, err := call(http.MethodGet, "https://cdn.faceio.net/fio.js", "", nil)
	if err != nil || !strings.Contains(body, "faceIO") {
		return fmt.Errorf("fio.js: %.100q: %w", body, err)
	}
	fmt.Println("fio.js", len(body) > 1000, proto)
	return nil
}

// face looks a Facial ID up.
func face() error {
	body, _, err := call(http.MethodGet, "https://api.faceio.net/checkfacialid?fid=unknown&key=00112233445566778899aabbccddeeff", "", nil)
	if err != nil {
		return err
	}
	fmt.Println("checkfacialid", strings.TrimSpace(body))
	return nil
}

// number verifies a number.
func number() error {
	body, _, err := call(http.MethodPost, "https://api.prembly.com/verification/bvn", "live_sk_1", map[string]string{"number": "12345678901"})
	if err != nil {
		return err
	}
	var answer struct {
		Code string `json:"response_code"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		return err
	}
	fmt.Println("bvn", answer.Code)
	return nil
}

func call(method, url, key string, body any) (text, proto string, err error) {
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			return "", "", err
		}
	}
	r, err := http.NewRequest(method, url, &sent)
	if err != nil {
		return "", "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("x-api-key", key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", "", err
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %d: %s", url, answer.StatusCode, read)
	}
	return string(read), answer.Proto, err
}
