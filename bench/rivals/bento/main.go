// The original processor: generate -> aws_lambda (parallel) -> drop in Bento's own engine, one JSON line at the end.
// "default" makes batches of as many messages as shall be in flight, as the documentation recommends, on one pipeline
// thread; "tuned" makes batches of one on that many pipeline threads. Neither can raise the idle connections of the
// processor's HTTP client: it has no field for that.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"

	_ "github.com/warpstreamlabs/bento/public/components/aws"
	_ "github.com/warpstreamlabs/bento/public/components/pure"
	"github.com/warpstreamlabs/bento/public/service"
)

var (
	endpoint = flag.String("endpoint", "https://127.0.0.1:9444", "where the function is served")
	caFile   = flag.String("ca-file", "", "PEM file of the authority to trust")
	inFlight = flag.Int("in-flight", 64, "invocations in flight")
	warmUp   = flag.Float64("warmup", 1, "seconds before measuring")
	duration = flag.Float64("duration", 5, "seconds of measuring")
	size     = flag.Int("payload-size", 256, "bytes of payload")
	variant  = flag.String("variant", "default", "default or tuned")
	once     = flag.Bool("once", false, "one message and leave")
)

const begunKey = "bench_begun"

// stamp notes when a batch reached the processor.
type stamp struct{}

func (stamp) ProcessBatch(_ context.Context, batch service.MessageBatch) ([]service.MessageBatch, error) {
	begun := time.Now()
	for _, message := range batch {
		message.MetaSetMut(begunKey, begun)
	}
	return []service.MessageBatch{batch}, nil
}
func (stamp) Close(context.Context) error { return nil }

// tally counts what comes out of it; a message waits for its batch, which is what its user sees.
type tally struct {
	lock      sync.Mutex
	measuring bool
	failures  int
	latencies []float64
}

func (t *tally) ProcessBatch(_ context.Context, batch service.MessageBatch) ([]service.MessageBatch, error) {
	now := time.Now()
	t.lock.Lock()
	defer t.lock.Unlock()
	for _, message := range batch {
		if !t.measuring {
			break
		}
		if message.GetError() != nil {
			t.failures++
			continue
		}
		if begun, found := message.MetaGetMut(begunKey); found {
			t.latencies = append(t.latencies, float64(now.Sub(begun.(time.Time)).Nanoseconds())/1e3)
		}
	}
	return []service.MessageBatch{batch}, nil
}
func (t *tally) Close(context.Context) error { return nil }

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func stream(counts *tally) *service.Stream {
	must(service.RegisterBatchProcessor("bench_stamp", service.NewConfigSpec(),
		func(*service.ParsedConfig, *service.Resources) (service.BatchProcessor, error) { return stamp{}, nil }))
	must(service.RegisterBatchProcessor("bench_tally", service.NewConfigSpec(),
		func(*service.ParsedConfig, *service.Resources) (service.BatchProcessor, error) { return counts, nil }))
	batch, threads, count := *inFlight, 1, 0
	if *variant == "tuned" {
		batch, threads = 1, *inFlight
	}
	if *once {
		batch, threads, count = 1, 1, 1
	}
	filling := strings.Repeat("x", max(0, *size-len(`{"data":""}`)))
	builder := service.NewStreamBuilder()
	must(builder.SetYAML(fmt.Sprintf(`
input:
  generate: {interval: "", count: %d, batch_size: %d, mapping: 'root = {"data": "%s"}'}
pipeline:
  threads: %d
  processors:
    - bench_stamp: {}
    - aws_lambda:
        parallel: true
        function: bench
        region: eu-west-1
        endpoint: %s
        credentials: {id: "%s", secret: "%s"}
    - bench_tally: {}
output: {drop: {}}
metrics: {none: {}}
logger: {level: error}
`, count, batch, filling, threads, *endpoint, os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"))))
	built, err := builder.Build()
	must(err)
	return built
}

func usage() (cpuSeconds, peakMegabytes float64) {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6, float64(usage.Maxrss) / 1024
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
		if dependency.Path == "github.com/warpstreamlabs/bento" {
			return dependency.Version + " " + info.GoVersion
		}
	}
	return info.GoVersion
}

func main() {
	flag.Parse()
	if *caFile != "" {
		// The processor has no field for an authority; Go's own variable is how its users set one.
		must(os.Setenv("SSL_CERT_FILE", *caFile))
		must(os.Setenv("SSL_CERT_DIR", os.DevNull))
	}
	counts := &tally{measuring: *once}
	running := stream(counts)
	if *once {
		must(running.Run(context.Background()))
		if len(counts.latencies) != 1 {
			os.Exit(1)
		}
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- running.Run(ctx) }()

	time.Sleep(time.Duration(*warmUp * float64(time.Second)))
	cpuBefore, _ := usage()
	begun := time.Now()
	counts.lock.Lock()
	counts.measuring = true
	counts.lock.Unlock()
	time.Sleep(time.Duration(*duration * float64(time.Second)))
	counts.lock.Lock()
	counts.measuring = false
	all, failures := counts.latencies, counts.failures
	counts.lock.Unlock()
	seconds := time.Since(begun).Seconds()
	cpuAfter, megabytes := usage()
	stop()
	<-ended

	sort.Float64s(all)
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"name": "bento-" + *variant, "version": version(),
		"requests": len(all), "seconds": seconds, "errors": failures,
		"cpu_us_per_request": (cpuAfter - cpuBefore) * 1e6 / float64(max(1, len(all))), "rss_mb": megabytes,
		"latency_us": map[string]float64{"p50": quantile(all, 0.5), "p90": quantile(all, 0.9), "p99": quantile(all, 0.99),
			"p999": quantile(all, 0.999), "max": quantile(all, 1)},
	}))
}
