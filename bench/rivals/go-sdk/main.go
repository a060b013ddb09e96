// The same work through the AWS SDK for Go v2: a fixed number of invocations in flight, one JSON line at the end.
// "tuned" raises the idle connections per host to the number in flight, as the SDK's guide for HTTP clients says;
// "default" leaves the SDK's client as it comes.
package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

var (
	endpoint = flag.String("endpoint", "https://127.0.0.1:9444", "where the function is served")
	caFile   = flag.String("ca-file", "", "PEM file of the authority to trust")
	inFlight = flag.Int("in-flight", 64, "invocations in flight")
	warmUp   = flag.Float64("warmup", 1, "seconds before measuring")
	duration = flag.Float64("duration", 5, "seconds of measuring")
	size     = flag.Int("payload-size", 256, "bytes of payload")
	variant  = flag.String("variant", "tuned", "tuned or default")
	once     = flag.Bool("once", false, "invoke once and leave")
)

func payloadOf(bytes int) []byte {
	const frame = `{"data":""}`
	return []byte(`{"data":"` + strings.Repeat("x", max(0, bytes-len(frame))) + `"}`)
}

func client() *lambda.Client {
	transport := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		if *caFile != "" {
			pem, err := os.ReadFile(*caFile)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			t.TLSClientConfig.RootCAs = x509.NewCertPool()
			t.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem)
		}
		if *variant == "tuned" {
			t.MaxIdleConns = *inFlight
			t.MaxIdleConnsPerHost = *inFlight
		}
	})
	return lambda.New(lambda.Options{
		Region:       "eu-west-1",
		BaseEndpoint: endpoint,
		HTTPClient:   transport,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}, nil
		}),
	})
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
}

func peakMegabytes() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Maxrss) / 1024
}

func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		if dependency.Path == "github.com/aws/aws-sdk-go-v2/service/lambda" {
			return dependency.Version + " " + info.GoVersion
		}
	}
	return info.GoVersion
}

func main() {
	flag.Parse()
	calls := client()
	payload := payloadOf(*size)
	function := "bench"
	if *once {
		reply, err := calls.Invoke(context.Background(), &lambda.InvokeInput{FunctionName: &function, Payload: payload})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(string(reply.Payload))
		return
	}

	var measuring, stopped atomic.Bool
	latencies := make([][]float64, *inFlight)
	var failures atomic.Int64
	var workers sync.WaitGroup
	for worker := range *inFlight {
		workers.Go(func() {
			for !stopped.Load() {
				begun := time.Now()
				_, err := calls.Invoke(context.Background(), &lambda.InvokeInput{FunctionName: &function, Payload: payload})
				if !measuring.Load() {
					continue
				}
				if err != nil {
					failures.Add(1)
					continue
				}
				latencies[worker] = append(latencies[worker], float64(time.Since(begun).Nanoseconds())/1e3)
			}
		})
	}
	time.Sleep(time.Duration(*warmUp * float64(time.Second)))
	cpu, begun := cpuSeconds(), time.Now()
	measuring.Store(true)
	time.Sleep(time.Duration(*duration * float64(time.Second)))
	measuring.Store(false)
	seconds := time.Since(begun).Seconds()
	cpu = cpuSeconds() - cpu
	stopped.Store(true)
	workers.Wait()

	var all []float64
	for _, some := range latencies {
		all = append(all, some...)
	}
	sort.Float64s(all)
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"name": "go-sdk-" + *variant, "version": version(),
		"requests": len(all), "seconds": seconds, "errors": failures.Load(),
		"cpu_us_per_request": cpu * 1e6 / float64(max(1, len(all))), "rss_mb": peakMegabytes(),
		"latency_us": map[string]float64{"p50": quantile(all, 0.5), "p90": quantile(all, 0.9), "p99": quantile(all, 0.99),
			"p999": quantile(all, 0.999), "max": quantile(all, 1)},
	})
}
