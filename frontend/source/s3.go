package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"foliocast/frontend/client"
)

// usualRegion is that of requests which name none. Stores other than Amazon's mostly take any.
const usualRegion = "us-east-1"

var (
	bucketName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$`)
	regionName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	errorCode  = regexp.MustCompile(`^[A-Za-z0-9.]{1,60}$`)
)

// openObject asks an object store for an object.
func (f *Fetcher) openObject(ctx context.Context, s client.Source) (*File, error) {
	access := client.S3{}
	if s.S3 != nil {
		access = *s.S3
	}
	u, pointer, err := f.objectAddress(s.URL, access)
	if err != nil {
		return nil, err
	}
	if (access.AccessKeyID == "") != (access.SecretAccessKey == "") {
		missing := "/s3/access_key_id"
		if access.SecretAccessKey == "" {
			missing = "/s3/secret_access_key"
		}
		return nil, invalid(missing, "is missing: a key has an id and a secret")
	}
	if access.SessionToken != "" && access.AccessKeyID == "" {
		return nil, invalid("/s3/session_token", "only goes with a key")
	}
	resp, end, err := f.send(ctx, f.direct, u, func(r *http.Request) error { return sign(ctx, r, access) })
	if err != nil {
		return nil, invalid(pointer, reason(err))
	}
	if resp.StatusCode != http.StatusOK {
		defer end(nil)
		defer resp.Body.Close()
		return nil, refusal(resp)
	}
	return f.file(resp, u.Path, "/url", end), nil
}

// objectAddress is where an object is: at Amazon's address of its bucket, or below the endpoint of another store. The pointer is the
// field that the host is from.
func (f *Fetcher) objectAddress(address string, access client.S3) (u *url.URL, pointer string, err error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(address, "s3://"), "/") // a key may have each character, as ? and #
	if !bucketName.MatchString(bucket) || key == "" {
		return nil, "", invalid("/url", "must be an address such as s3://bucket/prices.csv")
	}
	region := access.Region
	if region == "" {
		region = usualRegion
	}
	if !regionName.MatchString(region) {
		return nil, "", invalid("/s3/region", "must be a region such as eu-central-1")
	}
	if access.Endpoint == "" {
		u = &url.URL{Scheme: "https", Host: "s3." + region + ".amazonaws.com"}
		if strings.Contains(bucket, ".") { // no certificate has such a name
			return in(u, bucket+"/"+key), "/url", nil
		}
		u.Host = bucket + "." + u.Host
		return in(u, key), "/url", nil
	}
	if err := f.policy.Check(access.Endpoint); err != nil {
		return nil, "", invalid("/s3/endpoint", err.Error())
	}
	if u, err = url.Parse(access.Endpoint); err != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, "", invalid("/s3/endpoint", "must be an address without a path, such as https://s3.example.com")
	}
	return in(u, bucket+"/"+key), "/s3/endpoint", nil
}

// in is the address of a path, each byte of which is escaped as a signature needs it.
func in(host *url.URL, path string) *url.URL {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(url.QueryEscape(part), "+", "%20")
	}
	return &url.URL{Scheme: host.Scheme, Host: host.Host, Path: "/" + path, RawPath: "/" + strings.Join(parts, "/")}
}

// sign signs a request without a body, if there is a key.
func sign(ctx context.Context, r *http.Request, access client.S3) error {
	if access.AccessKeyID == "" {
		return nil
	}
	nothing := sha256.Sum256(nil)
	hash := hex.EncodeToString(nothing[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	region := access.Region
	if region == "" {
		region = usualRegion
	}
	key := aws.Credentials{AccessKeyID: access.AccessKeyID, SecretAccessKey: access.SecretAccessKey, SessionToken: access.SessionToken}
	return v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).SignHTTP(ctx, key, r, hash, "s3", region, time.Now())
}

// refusal says why a store did not answer with an object.
func refusal(resp *http.Response) error {
	var told struct{ Code, Region string }
	_ = xml.NewDecoder(io.LimitReader(resp.Body, 16<<10)).Decode(&told) // a store may answer with anything
	if region := resp.Header.Get("X-Amz-Bucket-Region"); region != "" {
		told.Region = region
	}
	switch told.Code {
	case "NoSuchKey":
		return invalid("/url", "names an object that the bucket does not have")
	case "NoSuchBucket":
		return invalid("/url", "names a bucket that the store does not have")
	case "AccessDenied":
		return invalid("/s3", "has no key that may read the object")
	case "InvalidAccessKeyId":
		return invalid("/s3/access_key_id", "is not known to the store")
	case "SignatureDoesNotMatch":
		return invalid("/s3/secret_access_key", "does not belong to the key's id")
	case "ExpiredToken", "InvalidToken":
		return invalid("/s3/session_token", "has expired, or is not one of the store")
	case "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
		if regionName.MatchString(told.Region) {
			return invalid("/s3/region", "must be "+told.Region+", in which the bucket is")
		}
		return invalid("/s3/region", "must be the one in which the bucket is")
	}
	text := status(resp)
	if errorCode.MatchString(told.Code) {
		text += ", " + told.Code
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		text += ", and redirects of a store are not followed"
	}
	return invalid("/url", "leads to a store that answered "+text)
}
