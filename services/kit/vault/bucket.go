package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/s3blob"

	"github.com/xunshi/xunshi/services/kit/document"
)

// openBucket opens the place of the configuration.
func openBucket(ctx context.Context, cfg document.Config) (*blob.Bucket, error) {
	switch {
	case cfg.S3.Bucket != "":
		return openS3(ctx, cfg.S3)
	case cfg.Directory != "":
		return fileblob.OpenBucket(cfg.Directory, &fileblob.Options{
			CreateDir: true, DirFileMode: 0o700,
			NoTempDir: true, // a rename does not cross file systems; what is stranded is swept
			Metadata:  fileblob.MetadataDontWrite,
		})
	default:
		return nil, errors.New("no place for documents is named")
	}
}

func openS3(ctx context.Context, cfg document.S3) (*blob.Bucket, error) {
	secret, err := cfg.CredentialsFile.Read()
	if err != nil {
		return nil, err
	}
	parts := strings.Fields(string(secret))
	if len(parts) != 2 {
		return nil, errors.New("credentials_file: must hold an access key id and a secret")
	}
	client := s3.New(s3.Options{
		Region:      cfg.Region,
		Credentials: credentials.NewStaticCredentialsProvider(parts[0], parts[1], ""),
	}, func(o *s3.Options) {
		if cfg.Endpoint != "" {
			o.BaseEndpoint = aws.String(cfg.Endpoint)
			o.UsePathStyle = true // what stores other than that of AWS understand
		}
	})
	return s3blob.OpenBucket(ctx, client, cfg.Bucket, &s3blob.Options{
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
	})
}

// syncFolder makes a name that was given to a file survive a power cut.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return errors.Join(fmt.Errorf("sync %s: %w", dir, err), f.Close())
	}
	return f.Close()
}
