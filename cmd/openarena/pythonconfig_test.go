package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"openarena/internal/testkit/fakehub"
	"openarena/internal/testkit/fakellm"
)

// pythonFile has every key, value and address of the arena_config.yaml that the Python OpenArena (syv-ai/OpenArena) comes with.
// That project has no licence under which its file could be kept here, so the words between are ours.
const pythonFile = `# The Python program's configuration: nothing of it is changed.
default_endpoint:
  url: "http://localhost:11434/v1/chat/completions"
  # api_key: none is needed
judge_model:
  name: "JudgeModel"
  model_id: "llama3"
models:
  - name: "Open hermes"
    model_id: "openhermes"
  - name: "Mistral v0.3"
    model_id: "mistral"
  - name: "Phi 3 medium"
    model_id: "phi3:14b"
  - name: ChatGPT3.5
    model_id: "gpt-3.5-turbo"
    endpoint:
      url: "https://api.openai.com/v1/chat/completions"
      api_key: "your_openai_api_key"
datasets:
  - name: "skunkworksAI/reasoning-0.01"
    description: "Reasoning dataset"
    split: "train"
    field: "instruction"
    limit: 10
`

// TestPythonConfigurationUnchanged runs the Python project's file as it is: against a Hub with a dataset of that name, a model
// server at Ollama's place, and a proxy that leads to another where api.openai.com is.
func TestPythonConfigurationUnchanged(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SSL_CERT_FILE has no effect here, so nobody can stand in for api.openai.com")
	}
	f := bareFolder(t)
	local := fakellm.New(fakellm.Options{AnswerBytes: 120, Models: []string{"llama3", "openhermes", "mistral", "phi3:14b"}})
	if err := local.Start("127.0.0.1:11434"); err != nil {
		t.Skipf("somebody else is at Ollama's place: %v", err)
	}
	t.Cleanup(func() { _ = local.Close() })
	remote := fakellm.New(fakellm.Options{AnswerBytes: 120, Key: "your_openai_api_key", Models: []string{"gpt-3.5-turbo"}})
	proxy, authority := standIn(t, "api.openai.com", remote)
	f.write("authority.pem", authority)
	h := fakehub.New(t)
	var rows strings.Builder
	for i := range 30 {
		fmt.Fprintf(&rows, "{\"instruction\": \"Is %d odd?\", \"reasoning\": \"None.\", \"output\": \"Who knows.\"}\n", i)
	}
	h.AddDataset("skunkworksAI/reasoning-0.01", map[string][]byte{"README.md": []byte("# Rows of ours\n"), "data.jsonl": []byte(rows.String())})
	for name, value := range map[string]string{
		"HF_ENDPOINT": h.URL, "HF_HOME": f.dir + "/hf", "HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1",
		"SSL_CERT_FILE": f.dir + "/authority.pem",
	} {
		f.env[name] = value
	}
	f.write("arena_config.yaml", pythonFile)

	f.openarena("run", "-c", "arena_config.yaml")
	var st struct{ Generate, Judge struct{ Done, Failed int } }
	if err := json.Unmarshal([]byte(f.openarena("status", "-c", "arena_config.yaml", "--json")), &st); err != nil {
		t.Fatal(err)
	}
	if st.Generate.Done != 40 || st.Judge.Done != 120 || st.Generate.Failed+st.Judge.Failed > 0 { // six pairs, both orders
		t.Errorf("status is %+v; want 40 answers and 120 judgments of 10 prompts and 4 models", st)
	}
	var prompts []string
	for line := range strings.Lines(f.openarena("export", "-c", "arena_config.yaml", "--type", "ranked")) {
		var row struct {
			Prompt string
			Ranked []struct {
				Name string `json:"model_name"`
			} `json:"ranked_models"`
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil || len(row.Ranked) != 4 {
			t.Errorf("%s: %v; want four models", line, err)
		}
		prompts = append(prompts, row.Prompt)
	}
	slices.Sort(prompts)
	if len(prompts) != 10 || prompts[0] != "Is 0 odd?" || prompts[9] != "Is 9 odd?" {
		t.Errorf("the prompts are %q; want the first ten of the dataset", prompts)
	}
}

// standIn is a proxy that leads every call to a host, by TLS, to a server of ours, and whose authority must be trusted for it.
func standIn(t *testing.T, host string, server http.Handler) (proxy, authority string) {
	t.Helper()
	certificate, authority := certify(t, host)
	inner := httptest.NewUnstartedServer(server)
	inner.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	inner.StartTLS()
	t.Cleanup(inner.Close)
	outer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != host+":443" {
			http.Error(w, "this leads to "+host+" only", http.StatusForbidden)
			return
		}
		tunnel(w, inner.Listener.Addr().String())
	}))
	t.Cleanup(outer.Close)
	return outer.URL, authority
}

// tunnel joins a connection with one to an address until either ends.
func tunnel(w http.ResponseWriter, address string) {
	there, err := net.Dial("tcp", address)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer there.Close()
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	fmt.Fprint(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	ended := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{here, there}, {there, here}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			ended <- struct{}{}
		}()
	}
	<-ended
}

// certify makes a certificate for a host that vouches for itself.
func certify(t *testing.T, host string) (certificate tls.Certificate, authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	what := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, what, what, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
