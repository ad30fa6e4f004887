package servertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/xunshi/xunshi/services/kit/clock"
)

const lifetime = 365 * 24 * time.Hour

// CA is a certificate authority whose key is only in memory.
type CA struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Files are where a certificate, its key and the authority's certificate are.
type Files struct {
	Cert, Key, CA string
}

// NewCA makes an authority and writes its certificate into dir.
func NewCA(dir string) (*CA, error) {
	template := certificate("xunshi test authority")
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("servertest: %w", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("servertest: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("servertest: %w", err)
	}
	ca := &CA{dir: dir, cert: cert, key: key}
	return ca, writePEM(ca.file(), "CERTIFICATE", der)
}

// Issue makes a certificate for both ends of a connection with name as its only
// DNS name, and writes it and its key as <name>.crt and <name>.key.
func (ca *CA) Issue(name string) (Files, error) {
	template := certificate(name)
	template.DNSNames = []string{name}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Files{}, fmt.Errorf("servertest: %w", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return Files{}, fmt.Errorf("servertest: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Files{}, fmt.Errorf("servertest: %w", err)
	}
	files := Files{
		Cert: filepath.Join(ca.dir, name+".crt"),
		Key:  filepath.Join(ca.dir, name+".key"),
		CA:   ca.file(),
	}
	if err := writePEM(files.Cert, "CERTIFICATE", der); err != nil {
		return Files{}, err
	}
	return files, writePEM(files.Key, "PRIVATE KEY", keyDER)
}

func (ca *CA) file() string { return filepath.Join(ca.dir, "ca.crt") }

// certificate begins a little in the past: clocks differ.
func certificate(name string) *x509.Certificate {
	now := clock.System().Now()
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // crypto/rand does not fail
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(lifetime),
	}
}

func writePEM(path, kind string, der []byte) error {
	block := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(path, block, 0o600); err != nil {
		return fmt.Errorf("servertest: %w", err)
	}
	return nil
}
